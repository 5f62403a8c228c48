"""Experiments: the list, one with its runs, and the way to stop it."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from fleet.experiments import cancel_experiment
from fleet.models import Experiment
from frontend.experiments import ExperimentPage
from frontend.views.answering import say

PER_PAGE = 25


@require_GET
def experiments(request: HttpRequest) -> HttpResponse:
    """Show one page of experiments, newest first."""
    rows = Paginator(Experiment.objects.select_related("created_by"), PER_PAGE)
    shown = rows.get_page(request.GET.get("page"))
    pages = [ExperimentPage(experiment) for experiment in shown]
    context = {"page": "experiments", "shown": shown, "pages": pages}
    return render(request, "frontend/pages/experiments.html", context)


@require_GET
def experiment(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an experiment and every run of it."""
    context = {"page": "experiments", "shown": ExperimentPage(_find(pk))}
    return render(request, "frontend/pages/experiment.html", context)


@require_GET
def status(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far it is; when it has ended, the page is loaded anew."""
    shown = ExperimentPage(_find(pk))
    response = render(request, "frontend/partials/experiment_status.html", {"shown": shown})
    if request.GET.get("picture") != shown.picture:
        response.headers["HX-Refresh"] = "true"
    return response


@require_POST
def cancellation(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask all its runs to stop, and say how many were."""

    def stop() -> str:
        asked = cancel_experiment(_find(pk), request.user)  # type: ignore[arg-type]
        return f"{asked} run{'' if asked == 1 else 's'} asked to stop."

    say(request, stop)
    return redirect("experiment", pk=pk)


def _find(pk: int) -> Experiment:
    return get_object_or_404(Experiment.objects.select_related("created_by"), pk=pk)
