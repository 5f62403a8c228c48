"""Runs side by side: the page, and the same as one file that opens anywhere."""

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET
from pydantic import ValidationError

from fleet.api.reports import ComparisonQuestion, answer
from fleet.models import Experiment
from fleet.submission import Refused
from frontend.comparison import ComparisonPage
from frontend.styles import all_styles

THRESHOLDS = (0.01, 0.02, 0.03, 0.05, 0.1)
USUAL = ("section", "policy", "workload", "device")


@require_GET
def comparison(request: HttpRequest) -> HttpResponse:
    """Show a comparison; a choice of check boxes becomes an address to keep."""
    if len(request.GET.getlist("runs")) > 1:
        query = request.GET.copy()
        query["runs"] = ",".join(request.GET.getlist("runs"))
        return redirect(f"{request.path}?{query.urlencode(safe=',')}")
    try:
        report = _answer(request.GET)
    except Refused as refused:
        context = {"page": "runs", "refused": refused}
        return render(request, "frontend/pages/comparison_problem.html", context, status=422)
    return render(request, "frontend/pages/comparison.html", _context(request, report))


@require_GET
def comparison_file(request: HttpRequest) -> HttpResponse:
    """Send the comparison as one file without a single request in it."""
    try:
        report = _answer(request.GET)
    except Refused as refused:
        context = {"page": "runs", "refused": refused}
        return render(request, "frontend/pages/comparison_problem.html", context, status=422)
    page = ComparisonPage(report)
    context = {
        "comparison": page,
        "styles": mark_safe(all_styles()),  # our own files, no word of anybody else
        "origin": f"{request.scheme}://{request.get_host()}",
    }
    response = render(request, "frontend/comparison_file.html", context)
    kinds = "-".join(report["device_kinds"]) or "empty"
    name = f"comparison-{kinds}-{report['generated_at']:%Y%m%d-%H%M}.html"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _answer(query: QueryDict) -> dict[str, Any]:
    known = {name: value for name, value in query.items() if value}
    try:
        return answer(ComparisonQuestion.model_validate(known))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise Refused(f"{place}: {first['msg']}", field=place) from None


def _context(request: HttpRequest, report: dict[str, Any]) -> dict[str, Any]:
    differing = report["provenance"]["differing"]
    things = [name for name in differing if name.startswith(("params.", "preconditions."))]
    experiment = report["experiment"]
    which = [
        (name, request.GET[name])
        for name in ("runs", "experiment", "a", "b")
        if name in request.GET
    ]
    query = request.GET.copy()
    return {
        "page": "experiments" if experiment else "runs",
        "comparison": ComparisonPage(report),
        "experiment": Experiment.objects.filter(pk=experiment).first() if experiment else None,
        "choices": list(dict.fromkeys([report["by"], *USUAL, *things])),
        "confirmations": _confirmations(experiment),
        "thresholds": sorted({*THRESHOLDS, report["threshold"]}),
        "which": which,
        "download": f"/reports/comparison.html?{query.urlencode(safe=',')}",
    }


def _confirmations(number: int | None) -> list[Experiment]:
    """Return the experiments that could confirm one: the same sections and workloads."""
    row = Experiment.objects.filter(pk=number).first() if number else None
    if row is None:
        return []
    same = {f"agenda_json__{key}": row.agenda_json.get(key) for key in ("sections", "workloads")}
    return list(Experiment.objects.filter(**same).exclude(pk=row.pk).order_by("-pk")[:10])
