"""All runs, newest first; a list never loads a trace."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from fleet.lifecycle.run import State
from fleet.models import Run

PER_PAGE = 50


def runs(request: HttpRequest) -> HttpResponse:
    """Show one page of runs, filtered by state or device."""
    rows = Run.objects.select_related("device", "wanted", "created_by")
    state = request.GET.get("state", "")
    device = request.GET.get("device", "")
    if state in State.values:
        rows = rows.filter(state=state)
    if device:
        rows = rows.filter(device__serial=device)
    context = {
        "page": "runs",
        "runs": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "states": State.values,
        "state": state,
        "device": device,
    }
    return render(request, "frontend/pages/runs.html", context)
