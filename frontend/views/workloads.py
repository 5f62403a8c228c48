"""The catalog of workloads: what each costs, and what is published about the network it is like."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from benchmarks.families.layer_classes import CLASSES, OTHER
from benchmarks.naming import UnknownName
from benchmarks.portraits import UNTRAINED, nested_families, portrait, portraits
from benchmarks.uploads.store import MissingFiles
from frontend.work_bar import work_bar


@require_GET
def workloads(request: HttpRequest) -> HttpResponse:
    """List our own workloads."""
    context = {
        "page": "benchmarks",
        "rows": [(one, work_bar(one.parts)) for one in portraits()],
        "families": nested_families(),
        "classes": [(number, name) for number, name in enumerate(CLASSES, 1) if name != OTHER],
        "untrained": UNTRAINED,
    }
    return render(request, "frontend/pages/workloads.html", context)


@require_GET
def workload(request: HttpRequest, name: str) -> HttpResponse:
    """Show one workload, ours or a user's."""
    try:
        one = portrait(name)
    except (UnknownName, MissingFiles) as missing:
        raise Http404(f"{missing}") from None
    word = one.name if one.family else f"path/to/{one.name}.param"  # an upload is a file elsewhere
    context = {
        "page": "benchmarks",
        "one": one,
        "bar": work_bar(one.parts),
        "parts": [(CLASSES.index(part.name) + 1, part) for part in one.parts],
        "untrained": UNTRAINED,
        "command": f"python -m benchmarks workloads {word} --json",
    }
    return render(request, "frontend/pages/workload.html", context)
