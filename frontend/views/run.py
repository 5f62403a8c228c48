"""One run: live while it runs, and afterwards the same page on the sealed trace."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from fleet.analysis import ask_again
from fleet.models import Run
from fleet.submission import cancel
from frontend.charts import trace_facts
from frontend.reports import Report
from frontend.views.answering import say


@require_GET
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the whole page of a run."""
    report = Report(_find(pk))
    context = _context(report) | {
        "page": "runs",
        "facts": trace_facts(report.run),
        "origin": f"{request.scheme}://{request.get_host()}",
    }
    return render(request, "frontend/pages/run.html", context)


@require_GET
def status(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far a run is; when its plot can begin, at a new attempt and at the end, anew."""
    report = Report(_find(pk))
    context = _context(report) | {"is_update": True}
    response = render(request, "frontend/partials/run_status.html", context)
    if request.GET.get("picture") != report.picture:
        response.headers["HX-Refresh"] = "true"
    return response


@require_POST
def cancellation(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask a run to stop, and say what came of it."""
    row = _find(pk)
    say(request, lambda: f"Run {pk}: {cancel(row, request.user)}.")  # type: ignore[arg-type]
    return redirect("run", pk=pk)


@require_POST
def analysis(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a run judged anew, and say so."""

    def again() -> str:
        ask_again(_find(pk))
        return f"Run {pk} is being analyzed again; look again in a moment."

    say(request, again)
    return redirect("run", pk=pk)


def _find(pk: int) -> Run:
    return get_object_or_404(Run.objects.select_related("device", "wanted", "created_by"), pk=pk)


def _context(report: Report) -> dict[str, Any]:
    return {"report": report, "run": report.run}
