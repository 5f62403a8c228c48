"""What is known of a device before a run: its facts for selectors, and what it lacks."""

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache

from pydantic import ValidationError

from benchmarks.fitness import refuse_unfit
from benchmarks.objections import Lacking
from benchmarks.specs import RunSpec
from devices.profile import DeviceProfile
from fleet.models import Device, Run

#: What a phone may lack; runs that differ in seed and labels only need one look.
_PARTS = ("benchmark", "policy", "preconditions")


def facts_of(device: Device) -> dict[str, object]:
    """Return what a selector may name of a device."""
    profile = device.profile_json or {}
    return {
        "kind": device.kind,
        "model": profile.get("model", ""),
        "soc": profile.get("soc", ""),
        "tags": device.tags,
        "host": device.host.name,
    }


def unfit(runs: Iterable[Run], devices: Sequence[Device]) -> dict[int, frozenset[int]]:
    """Return, per run that takes any device, those that can never carry it out."""
    profiles = {device.pk: json.dumps(device.profile_json) for device in devices}
    found = {}
    for run in runs if profiles else ():
        if run.wanted_id is None:
            asked = json.dumps({p: run.spec_json[p] for p in _PARTS if p in run.spec_json})
            lacking = (pk for pk, profile in profiles.items() if not _fits(asked, profile))
            found[run.pk] = frozenset(lacking)
    return found


def why_unfit(spec: RunSpec, device: Device) -> Lacking | None:
    """Return what a device lacks for a spec; None where nothing is known to be missing."""
    if device.profile is None:
        return None
    try:
        refuse_unfit(spec, device.profile)
    except Lacking as lacking:
        return lacking
    return None


@lru_cache(maxsize=65_536)
def _fits(asked: str, profile: str) -> bool:
    """Whether they fit; kept, because the dispatcher asks about the same queue again and again."""
    if profile == "null":  # nobody has probed it yet
        return True
    try:
        refuse_unfit(_spec(asked), _profile(profile))
    except Lacking:
        return False
    except ValidationError:  # it was asked for before a rule was made: its worker will say so
        return True
    return True


@lru_cache(maxsize=4096)
def _spec(asked: str) -> RunSpec:
    return RunSpec.model_validate_json(asked)


@lru_cache(maxsize=512)
def _profile(text: str) -> DeviceProfile:
    return DeviceProfile.model_validate_json(text)
