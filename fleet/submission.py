"""How a wish becomes a run: checked whole before anything is stored, then queued."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from pydantic import ValidationError

from benchmarks.catalog import CATALOG
from benchmarks.specs import RunSpec
from fleet import leases
from fleet.lifecycle.run import State
from fleet.models import Device, Event, Run
from fleet.scheduler import SELECTOR_KEYS

MAX_LABELS = 32


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
    seed: int = 0


def submit(wish: Wish, by: AbstractBaseUser | None) -> Run:
    """Check a wish and queue it as a run. Raises Refused, and then nothing was stored."""
    spec = spec_of(wish)
    _check_labels(wish.labels)
    if not 0 <= wish.priority <= 100:
        raise Refused(
            f"priority: {wish.priority} is outside 0 to 100", field="priority", hint="50 is usual"
        )
    device = find_device(wish.device) if wish.device else None
    _check_selector(wish.selector)
    with transaction.atomic():
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
        raise Refused(
            f"benchmark: there is no kind {wish.benchmark!r}",
            field="benchmark",
            hint=_did_you_mean(wish.benchmark, list(CATALOG)),
        )
    try:
        return RunSpec.model_validate(
            {
                "params": dict(wish.params) | {"kind": wish.benchmark},
                "policy": dict(wish.policy),
                "preconditions": dict(wish.preconditions),
                "seed": wish.seed,
            }
        )
    except ValidationError as error:
        raise refusal_of(error, wish.benchmark) from None


def refusal_of(error: ValidationError, benchmark: str) -> Refused:
    """Return the first error of a spec as a sentence with the field's name as people know it."""
    first = error.errors()[0]
    place = [str(part) for part in first["loc"] if part not in (benchmark, "stock")]
    name = ".".join(place)
    got = f" (got {str(first.get('input'))[:60]!r})" if first["type"] != "missing" else ""
    hint = ""
    if first["type"] == "extra_forbidden" and place[0] == "params":
        known = [name for name in CATALOG[benchmark].spec_model.model_fields if name != "kind"]
        hint = _did_you_mean(place[-1], known)
    return Refused(f"{name}: {first['msg']}{got}", field=name, hint=hint)


def find_device(serial: str) -> Device:
    """Return the device that a wish names by `serial` or `host:serial`. Raises Refused."""
    rows = list(Device.objects.filter(serial=serial))
    if not rows and ":" in serial:
        host, _, rest = serial.partition(":")
        rows = list(Device.objects.filter(host__name=host, serial=rest))
    if len(rows) == 1:
        return rows[0]
    known = list(Device.objects.values_list("serial", flat=True))
    if not rows:
        raise Refused(
            f"device: no device has the serial {serial!r}",
            field="device",
            hint=_did_you_mean(serial, known),
        )
    raise Refused(
        f"device: {serial!r} hangs on several hosts", field="device", hint="write HOST:SERIAL"
    )


def cancel(run: Run, by: AbstractBaseUser) -> str:
    """Ask a run to stop; return what happened. Raises Refused when it is too late."""
    word = leases.cancel(run.pk, str(by))
    if word is None:
        run.refresh_from_db()
        if run.cancel_requested_at and run.state not in (State.ANALYZING, State.COMPLETED):
            return "cancel requested"
        raise Refused(f"run {run.pk} is {run.state}: too late to cancel it")
    return word


def _check_labels(labels: Mapping[str, str]) -> None:
    if len(labels) > MAX_LABELS:
        raise Refused(f"labels: {len(labels)} given, at most {MAX_LABELS}", field="labels")


def _check_selector(selector: Mapping[str, Any]) -> None:
    for key in selector:
        if key not in SELECTOR_KEYS:
            raise Refused(
                f"selector: unknown key {key!r}",
                field=f"selector.{key}",
                hint=_did_you_mean(key, list(SELECTOR_KEYS)),
            )


def _did_you_mean(word: str, known: list[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    listed = ", ".join(known[:12]) or "none yet"
    return f"did you mean {close[0]!r}? Known: {listed}" if close else f"known: {listed}"
