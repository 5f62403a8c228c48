"""The vendor's thermal service in user space: rules on one zone that cap clusters."""

from collections.abc import Mapping
from math import inf, nextafter
from typing import Protocol

from devices.virtual.kernel.pid import Pid
from devices.virtual.kernel.spec import CapRule, StepRule, Vendor
from devices.virtual.kernel.thermal import CoolingDevice


class Rule(Protocol):
    """Something that looks at one zone at each poll."""

    @property
    def is_active(self) -> bool:
        """True while it caps anything."""

    @property
    def quiet_c(self) -> tuple[float, float]:
        """From one of these readings to the other nothing is changed by a look [°C]."""

    def update(self, celsius: float) -> None:
        """Look at the zone [°C]."""


class Caps:
    """On above one temperature, off below another: the skin hysteresis of many phones.

    Several rules make a ladder: the last one that is on decides for each cluster it names.
    """

    def __init__(self, rules: tuple[CapRule, ...], devices: Mapping[str, CoolingDevice]) -> None:
        self._rules = rules
        self._devices = devices
        self._on = [False] * len(rules)

    @property
    def is_active(self) -> bool:
        """True while any rule is on."""
        return any(self._on)

    @property
    def quiet_c(self) -> tuple[float, float]:
        """What does not yet switch the next rule off, and not yet one on [°C]."""
        switched = list(zip(self._on, self._rules, strict=True))
        return (
            max((rule.off_c for on, rule in switched if on), default=-inf),
            min((rule.on_c for on, rule in switched if not on), default=inf),
        )

    def update(self, celsius: float) -> None:
        """Switch rules and vote for the states that they ask for."""
        for i, rule in enumerate(self._rules):
            self._on[i] = celsius > rule.on_c or (self._on[i] and celsius >= rule.off_c)
        wanted: dict[str, int] = {}
        for on, rule in zip(self._on, self._rules, strict=True):
            if on:
                wanted.update(rule.caps_khz)
        for cluster, device in self._devices.items():
            khz = wanted.get(cluster)
            device.vote(self, None if khz is None else device.state_for(khz))


class Steps:
    """One operating point down per poll while hot, one up while cool (thermal-engine `ss`)."""

    def __init__(self, rule: StepRule, device: CoolingDevice) -> None:
        self._rule = rule
        self._device = device
        self._state = 0

    @property
    def is_active(self) -> bool:
        """True while the cap is below the top."""
        return self._state > 0

    @property
    def quiet_c(self) -> tuple[float, float]:
        """Just above what moves the cap up again, just below what moves it down [°C]."""
        low_c = nextafter(self._rule.off_c, inf) if self._state else -inf
        return low_c, nextafter(self._rule.on_c, -inf)

    def update(self, celsius: float) -> None:
        """Move the cap by at most one operating point."""
        if celsius >= self._rule.on_c:
            self._state = min(self._state + 1, self._device.state_for(self._rule.floor_khz))
        elif celsius <= self._rule.off_c:
            self._state = max(self._state - 1, 0)
        self._device.vote(self, self._state or None)


def rules_of(vendor: Vendor, devices: Mapping[str, CoolingDevice]) -> tuple[Rule, ...]:
    """Build what a phone file's [vendor] block asks for."""
    rules: list[Rule] = [Steps(rule, devices[rule.cluster]) for rule in vendor.steps]
    if vendor.rules:
        rules.append(Caps(vendor.rules, devices))
    rules += [Pid(pid, devices) for pid in (vendor.pid, vendor.pid_with_gpu) if pid]
    return tuple(rules)
