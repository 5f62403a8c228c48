"""Asking for an experiment: choices that write an agenda, and the agenda itself."""

import shlex
from typing import Any

import yaml
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from benchmarks.catalog import CATALOG
from fleet.experiments import submit_agenda
from fleet.lifecycle.device import Health
from fleet.models import Device, Experiment
from fleet.submission import Refused
from frontend.agendas import AgendaForm, policies
from frontend.cards import cards_of

NEW_SEEDS = 1000  # more than an experiment has repeats


@require_http_methods(["GET", "POST"])
def new_experiment(request: HttpRequest) -> HttpResponse:
    """Show the form, or queue the agenda and go to the experiment."""
    if request.method == "GET":
        return _page(request, AgendaForm(_from_experiment(request.GET.get("like"))))
    form = _form(request.POST)
    agenda = form.check()
    if agenda is not None:
        try:
            experiment = submit_agenda(agenda, request.user)  # type: ignore[arg-type]
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, f"{experiment.runs.count()} runs are queued.")
            return redirect("experiment", pk=experiment.pk)
    return _page(request, form, status=422)


@require_GET
def preview(request: HttpRequest) -> HttpResponse:
    """Show the agenda and what it will do; `compose=1` writes it anew from the choices."""
    query = request.GET.copy()
    if request.htmx.trigger_name != "agenda":  # type: ignore[attr-defined]
        query.pop("agenda", None)
    form = _form(query)
    form.check()
    return render(request, "frontend/partials/agenda.html", _context(request, form))


def _form(query: Any) -> AgendaForm:
    return AgendaForm(query.dict(), query.getlist("device"))


def _page(request: HttpRequest, form: AgendaForm, status: int = 200) -> HttpResponse:
    if status == 200:
        form.check()
    devices = Device.objects.select_related("host").exclude(health=Health.RETIRED)
    context = _context(request, form) | {"page": "experiments", "cards": cards_of(devices)}
    return render(request, "frontend/pages/new_experiment.html", context, status=status)


def _context(request: HttpRequest, form: AgendaForm) -> dict[str, Any]:
    origin = f"{request.scheme}://{request.get_host()}"
    curl = (
        f"curl {shlex.quote(origin + '/api/v1/experiments')} \\\n"
        '  -H "Authorization: Bearer $SIMMER_TOKEN" \\\n'
        '  -H "Content-Type: application/yaml" \\\n'
        "  --data-binary @agenda.yaml"
    )
    return {
        "form": form,
        "kinds": CATALOG.values(),
        "policies": policies(),
        "curl": curl,
        "command": "python -m benchmarks run agenda.yaml \\\n  --serial SERIAL",
    }


def _from_experiment(number: str | None) -> dict[str, str]:
    """Return the agenda of an earlier experiment, to ask for the same again."""
    row = Experiment.objects.filter(pk=number).first() if number and number.isdigit() else None
    if row is None:
        return {}
    agenda = _without_nothing(row.agenda_json)
    # Other seeds: a virtual phone would only repeat itself, and could confirm nothing.
    config = agenda.setdefault("config", {})
    config["seed"] = config.get("seed", 1) + NEW_SEEDS
    return {"agenda": yaml.safe_dump(agenda, sort_keys=False, width=90)}


def _without_nothing(value: Any) -> Any:
    """Return an agenda without what nobody has said."""
    if isinstance(value, dict):
        kept = {name: _without_nothing(inner) for name, inner in value.items()}
        return {name: inner for name, inner in kept.items() if inner not in (None, {}, [])}
    return [_without_nothing(inner) for inner in value] if isinstance(value, list) else value
