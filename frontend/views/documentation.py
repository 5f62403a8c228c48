"""What each kind of benchmark and each policy is, why it is there, and what it can be asked."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from benchmarks.catalog import CATALOG
from benchmarks.documentation import kind_page, policy_page
from benchmarks.policies import POLICIES
from benchmarks.reproductions.catalog import REPRODUCTIONS


@require_GET
def benchmarks(request: HttpRequest) -> HttpResponse:
    """List kinds, policies and reproductions."""
    context = {
        "page": "benchmarks",
        "kinds": [kind_page(name) for name in CATALOG],
        "policies": [policy_page(name) for name in POLICIES],
        "reproductions": REPRODUCTIONS.values(),
    }
    return render(request, "frontend/pages/benchmarks.html", context)


@require_GET
def benchmark(request: HttpRequest, name: str) -> HttpResponse:
    """Show one kind."""
    if name not in CATALOG:
        raise Http404(f"There is no benchmark {name!r}; there is: {', '.join(CATALOG)}.")
    context = {"page": "benchmarks", "doc": kind_page(name), "is_kind": True}
    return render(request, "frontend/pages/documentation.html", context)


@require_GET
def policy(request: HttpRequest, name: str) -> HttpResponse:
    """Show one policy."""
    if name not in POLICIES:
        raise Http404(f"There is no policy {name!r}; there is: {', '.join(POLICIES)}.")
    context = {"page": "benchmarks", "doc": policy_page(name), "is_kind": False}
    return render(request, "frontend/pages/documentation.html", context)
