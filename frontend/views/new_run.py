"""Asking for a run: a form made from the benchmark's own spec."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from benchmarks.catalog import CATALOG
from fleet.lifecycle.device import Health
from fleet.models import Device, Run
from fleet.submission import Refused, submit
from frontend.cards import cards_of
from frontend.forms import RunForm, policies_for, shown


@require_http_methods(["GET", "POST"])
def new_run(request: HttpRequest) -> HttpResponse:
    """Show the form, or queue what was asked for and go to the run."""
    if request.method == "GET":
        return _page(request, RunForm(request.GET.dict() | _from_run(request.GET.get("like"))))
    form = RunForm(request.POST.dict())
    if form.check():
        try:
            run = submit(form.wish(), request.user)  # type: ignore[arg-type]
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, f"Run {run.pk} is queued.")
            return redirect("run", pk=run.pk)
    return _page(request, form, status=422)


@require_GET
def fields(request: HttpRequest) -> HttpResponse:
    """Show the fields of another benchmark."""
    typed = request.GET.dict()
    if typed.get("policy.kind") not in policies_for(typed.get("benchmark", "")):
        typed.pop("policy.kind", None)  # it was chosen for another benchmark
    return render(request, "frontend/partials/run_fields.html", _context(request, RunForm(typed)))


@require_GET
def preview(request: HttpRequest) -> HttpResponse:
    """Show what is typed as curl and as a command."""
    return render(
        request,
        "frontend/partials/run_preview.html",
        _context(request, RunForm(request.GET.dict())),
    )


def _page(request: HttpRequest, form: RunForm, status: int = 200) -> HttpResponse:
    devices = Device.objects.select_related("host").exclude(health=Health.RETIRED)
    context = _context(request, form) | {"page": "new_run", "cards": cards_of(devices)}
    return render(request, "frontend/pages/new_run.html", context, status=status)


def _context(request: HttpRequest, form: RunForm) -> dict[str, Any]:
    origin = f"{request.scheme}://{request.get_host()}"
    return {
        "form": form,
        "kinds": CATALOG.values(),
        "curl": form.as_curl(origin),
        "command": form.as_command(),
    }


def _from_run(number: str | None) -> dict[str, str]:
    """Return the fields of an earlier run, to ask for the same again."""
    run = (
        Run.objects.select_related("device").filter(pk=number).first()
        if number and number.isdigit()
        else None
    )
    if run is None:
        return {}
    spec = run.spec_json
    gate = spec.get("preconditions", {}).get("start_gate", {})
    return {
        "benchmark": run.benchmark,
        "device": run.device.serial if run.device else "",
        "seed": str(spec.get("seed", 1)),
        **{f"params.{name}": shown(value) for name, value in spec.get("benchmark", {}).items()},
        **{f"policy.{name}": shown(value) for name, value in spec.get("policy", {}).items()},
        **{f"preconditions.start_gate.{name}": str(value) for name, value in gate.items()},
    }
