"""What is known of a device before a run: its facts for selectors, and what it lacks."""

from collections.abc import Sequence
from functools import lru_cache

from benchmarks.fitness import refuse_unfit
from benchmarks.objections import Lacking
from benchmarks.specs import RunSpec
from fleet.models import Device, Run


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


def unfit(run: Run, devices: Sequence[Device]) -> frozenset[int]:
    """Return those of the devices that can never carry out a run."""
    return frozenset(device.pk for device in devices if not _fits(run.pk, device.pk, _look(device)))


def why_unfit(spec: RunSpec, device: Device) -> Lacking | None:
    """Return what a device lacks for a spec; None where nothing is known to be missing."""
    if device.profile is None:
        return None
    try:
        refuse_unfit(spec, device.profile)
    except Lacking as lacking:
        return lacking
    return None


def _look(device: Device) -> str:
    """Return what changes when a probe could have found something new."""
    profile = device.profile_json or {}
    return f"{profile.get('fingerprint')} {profile.get('boot_id')}"


@lru_cache(maxsize=8192)
def _fits(run: int, device: int, _: str) -> bool:
    """Whether they fit; kept, because the dispatcher asks about the same queue every second."""
    return why_unfit(Run.objects.get(pk=run).spec, Device.objects.get(pk=device)) is None
