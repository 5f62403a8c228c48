"""What a spec asks of its policy, with what only the phone can tell."""

from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.policies.base import Task
from benchmarks.specs import RunSpec
from devices.dumpsys import thermalservice
from devices.phone import Phone
from devices.profile import DeviceProfile
from devices.sysfs.thermal import is_skin

_SEVERE = 3  # Android's number of that status

NOTHING: Mapping[str, Any] = {}


def task_of(
    spec: RunSpec,
    phone: Phone,
    profile: DeviceProfile,
    findings: Mapping[str, Any] = NOTHING,
) -> Task:
    """Return the task of a spec's first lane, with what its preparation found out.

    What its policy asks for besides is asked of the phone.
    """
    load = spec.benchmark.loads_after(findings)[0]
    asked = {name: _FACTS[name](phone, profile) for name in sorted(spec.policy.asks)}
    return Task(
        benchmark=spec.benchmark.kind,
        variants=load.workloads,
        period_s=load.period_s,
        deadline_s=load.deadline_s,
        seed=spec.seed,
        facts={**spec.benchmark.facts(), **findings, **asked},
    )


def _skin(phone: Phone, profile: DeviceProfile) -> dict[str, Any] | None:
    """Return the skin sensor and where Android calls it severe; None if it tells neither."""
    report = thermalservice.read(phone)
    limits = {} if report is None else report.thresholds
    zones = {zone.type: f"zone.{zone.type.replace(' ', '_')}.temperature" for zone in profile.zones}
    for key, severities in limits.items():
        name, severe_c = key.partition("/")[2], severities[_SEVERE]
        if (is_skin(name) or name in profile.skin_zones) and severe_c is not None:
            alike = [name] if name in zones else [zone for zone in zones if is_skin(zone)]
            if alike:
                return {"channel": zones[alike[0]], "severe_c": severe_c}
    return None


_FACTS: Mapping[str, Callable[[Phone, DeviceProfile], Any]] = {"skin": _skin}
