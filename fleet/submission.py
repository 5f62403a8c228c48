"""How a wish becomes a run: checked whole before anything is stored, then queued."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from benchmarks.catalog import CATALOG
from benchmarks.naming import unknown
from benchmarks.specs import RunSpec, SpecError, parse
from fleet import leases
from fleet.fitting import facts_of, why_unfit
from fleet.lifecycle.device import Health
from fleet.lifecycle.run import LIVE
from fleet.models import Device, Event, Run
from fleet.scheduler import SELECTOR_KEYS, accepts
from fleet.workloads import hold


class Refused(Exception):
    """A wish that cannot be carried out; names the field and the way out."""

    def __init__(self, message: str, *, field: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.field, self.hint = field, hint


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person, a form or a CI job asks for."""

    benchmark: str
    params: Mapping[str, Any] = field(default_factory=dict)
    policy: Mapping[str, Any] = field(default_factory=lambda: {"kind": "stock"})
    preconditions: Mapping[str, Any] = field(default_factory=dict)
    device: str | None = None
    selector: Mapping[str, Any] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    priority: int = 50
    seed: int = 1


def submit(wish: Wish, by: AbstractBaseUser | None) -> Run:
    """Check a wish and queue it as a run. Raises Refused, and then nothing was stored."""
    spec = spec_of(wish)
    if not 0 <= wish.priority <= 100:
        raise Refused(
            f"priority {wish.priority} is outside 0 to 100", field="priority", hint="50 is usual"
        )
    device = find_device(wish.device) if wish.device else None
    _check_selector(wish.selector)
    _check_fit(spec, device, wish.selector)
    with transaction.atomic():
        refuse_removed([spec], field="params.workload")
        run = Run.objects.create(
            benchmark=wish.benchmark,
            spec_json=spec.model_dump(mode="json"),
            labels=dict(wish.labels),
            priority=wish.priority,
            created_by_id=by.pk if by else None,
            wanted=device,
            selector=dict(wish.selector),
        )
        Event.objects.create(run=run, word="queued", actor=str(by) if by else "simmer")
    return run


def spec_of(wish: Wish) -> RunSpec:
    """Return the checked spec of a wish. Raises Refused naming the first bad field."""
    if wish.benchmark not in CATALOG:
        raise Refused(str(unknown("benchmark", wish.benchmark, CATALOG)), field="benchmark")
    try:
        return parse(
            {
                "benchmark": dict(wish.params) | {"kind": wish.benchmark},
                "policy": dict(wish.policy),
                "preconditions": dict(wish.preconditions),
                "seed": wish.seed,
                "labels": dict(wish.labels),
            }
        )
    except SpecError as error:
        raise Refused(str(error), field=_wish_field(error.field)) from None


def _check_fit(spec: RunSpec, device: Device | None, selector: Mapping[str, Any]) -> None:
    """Refuse a spec that no device which may take it can carry out. Raises Refused."""
    rows = [device] if device else matching(selector)
    lacking = [why_unfit(spec, row) for row in rows]
    if lacking and (first := lacking[0]) and all(lacking):
        hint = f"the same is true of all {len(rows)} devices that match" if len(rows) > 1 else ""
        raise Refused(str(first), field=_wish_field(first.field), hint=hint)


def matching(selector: Mapping[str, Any]) -> list[Device]:
    """Return the devices of this farm that a selector accepts, free or not."""
    rows = Device.objects.select_related("host").exclude(health=Health.RETIRED)
    return [row for row in rows if accepts(selector, facts_of(row))]


def _wish_field(field: str) -> str:
    """Return what a wish calls a place in a RunSpec."""
    return field.replace("benchmark.", "params.")


def refuse_removed(specs: Iterable[RunSpec], field: str) -> None:
    """Refuse runs of uploaded networks that were removed. Call it where the runs are stored."""
    for name in hold(specs):
        raise Refused(
            f"the workload {name} was removed: new runs cannot name it",
            field=field,
            hint="choose another, or upload its files again",
        )


def find_device(serial: str) -> Device:
    """Return the device that a wish names by `serial` or `host:serial`. Raises Refused."""
    rows = list(Device.objects.filter(serial=serial))
    if not rows and ":" in serial:
        host, _, rest = serial.partition(":")
        rows = list(Device.objects.filter(host__name=host, serial=rest))
    if len(rows) == 1:
        return rows[0]
    if not rows:
        known = list(Device.objects.values_list("serial", flat=True))
        raise Refused(str(unknown("device", serial, known)), field="device")
    raise Refused(f"{serial!r} hangs on several hosts", field="device", hint="write HOST:SERIAL")


def cancel(run: Run, by: AbstractBaseUser) -> str:
    """Ask a run to stop; return what happened. Raises Refused when it is too late."""
    word = leases.cancel(run.pk, str(by))
    if word is None:
        run.refresh_from_db()
        if run.cancel_requested_at and run.state in LIVE:
            return "cancel requested"
        raise Refused(f"run {run.pk} is {run.state}: too late to cancel it")
    return word


def _check_selector(selector: Mapping[str, Any]) -> None:
    for key in selector:
        if key not in SELECTOR_KEYS:
            raise Refused(str(unknown("selector key", key, SELECTOR_KEYS)), field="selector")
