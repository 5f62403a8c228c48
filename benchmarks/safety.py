"""Safety limits of a run: what refuses a start, warns, or ends the load; pure.

The agent holds harder limits of its own and needs no host for them.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from statistics import fmean

from devices.sysfs.thermal import is_skin

BATTERY, LEVEL = "battery.temperature", "battery.level"
BLIND_S = 5.0  # no valid battery temperature for so long ends the load
RATE_WINDOW_S = 60.0
RATE_WARN_K, RATE_ABORT_K = 1.5, 3.0  # [K/min]
_EDGE_S = 5.0  # a rate compares the means of the first and last seconds of its window
PLAUSIBLE_C = (-40.0, 125.0)  # outside, and exactly 0, a sensor has no value


class SafetyStop(Exception):
    """A safety limit was reached."""


class Level(IntEnum):
    """What a finding asks for, mildest first."""

    WARN = 1
    ABORT = 2


@dataclass(frozen=True, slots=True)
class Limit:
    """One row of the table; temperatures in °C, the battery's level as a share."""

    refuse: float  # no load starts beyond this
    warn: float
    abort: float
    is_floor: bool = False  # dangerous below instead of above

    def is_beyond(self, value: float, bound: float) -> bool:
        """Return whether a value is on the dangerous side of a bound, or on it."""
        return value <= bound if self.is_floor else value >= bound


LIMITS: Mapping[str, Limit] = {
    "battery temperature": Limit(refuse=38.0, warn=42.0, abort=46.0),
    "skin temperature": Limit(refuse=36.0, warn=42.0, abort=46.0),
    "battery level": Limit(refuse=0.30, warn=0.20, abort=0.12, is_floor=True),
}


_TEMPERATURES = ("battery temperature", "skin temperature")


@dataclass(frozen=True, slots=True)
class Finding:
    """A limit that was passed."""

    level: Level
    quantity: str
    value: float
    limit: float

    @property
    def sentence(self) -> str:
        """What was passed, by which value."""
        return f"{self.quantity} is {self.value:.4g}, the limit is {self.limit:g}"


def is_plausible(celsius: float) -> bool:
    """Return whether a temperature can be true."""
    return PLAUSIBLE_C[0] < celsius < PLAUSIBLE_C[1] and celsius != 0.0


def refusal(newest: Mapping[str, float]) -> str | None:
    """Return why no load may start now, or None.

    `newest` has the newest value per channel, in SI.
    """
    return next(_refusals(newest, LIMITS), None)


def heat_refusal(newest: Mapping[str, float]) -> str | None:
    """Return why no load may start yet on a phone that will cool down by itself, or None."""
    return next(_refusals(newest, _TEMPERATURES), None)


def _refusals(newest: Mapping[str, float], quantities: Collection[str]) -> Iterator[str]:
    for quantity, value in _quantities(newest):
        limit = LIMITS[quantity]
        if quantity in quantities and limit.is_beyond(value, limit.refuse):
            side = "above" if limit.is_floor else "below"
            yield f"{quantity} is {value:.4g}; a load starts only {side} {limit.refuse:g}"


def _quantities(newest: Mapping[str, float]) -> Iterator[tuple[str, float]]:
    """Yield what has a limit and can be known now."""
    battery = newest.get(BATTERY)
    if battery is not None and is_plausible(battery):
        yield "battery temperature", battery
    skins = [value for name, value in newest.items() if is_skin(name) and is_plausible(value)]
    if skins:
        yield "skin temperature", max(skins)
    if LEVEL in newest:
        yield "battery level", newest[LEVEL]


class Watch:
    """Looks at the newest values about once per second of device time while a load runs."""

    def __init__(self, *, has_battery: bool) -> None:
        self._has_battery = has_battery
        self._seen_s: float | None = None
        self._battery: list[tuple[float, float]] = []

    def look(self, battery_s: float | None, newest: Mapping[str, float]) -> Finding | None:
        """Return the worst limit that is passed, or None.

        `battery_s` is when the battery's group was last heard of [s], None before its first row:
        what other groups sent meanwhile says nothing about how long the battery has been out of
        sight. `newest` must hold only values that were read since the last look.
        """
        findings = [*self._levels(newest)]
        if battery_s is not None:
            findings += [*self._blind(battery_s, newest), *self._heating(battery_s, newest)]
        return max(findings, key=lambda finding: finding.level, default=None)

    def _levels(self, newest: Mapping[str, float]) -> Iterator[Finding]:
        for quantity, value in _quantities(newest):
            limit = LIMITS[quantity]
            if limit.is_beyond(value, limit.abort):
                yield Finding(Level.ABORT, quantity, value, limit.abort)
            elif limit.is_beyond(value, limit.warn):
                yield Finding(Level.WARN, quantity, value, limit.warn)

    def _blind(self, t_s: float, newest: Mapping[str, float]) -> Iterator[Finding]:
        if not self._has_battery:
            return
        if self._seen_s is None or is_plausible(newest.get(BATTERY, 0.0)):
            self._seen_s = t_s
        unseen_s = t_s - self._seen_s
        if unseen_s > BLIND_S:
            yield Finding(Level.ABORT, "seconds without a battery temperature", unseen_s, BLIND_S)

    def _heating(self, t_s: float, newest: Mapping[str, float]) -> Iterator[Finding]:
        """Compare the battery's temperature with that of a minute ago."""
        value = newest.get(BATTERY)
        if value is None or not is_plausible(value):
            return
        self._battery.append((t_s, value))
        while self._battery[0][0] < t_s - RATE_WINDOW_S:
            self._battery.pop(0)
        if self._battery[0][0] > t_s - RATE_WINDOW_S + _EDGE_S:
            return
        first = fmean(c for at_s, c in self._battery if at_s <= self._battery[0][0] + _EDGE_S)
        last = fmean(c for at_s, c in self._battery if at_s >= t_s - _EDGE_S)
        rate = (last - first) / (RATE_WINDOW_S - _EDGE_S) * 60
        for level, bound in ((Level.ABORT, RATE_ABORT_K), (Level.WARN, RATE_WARN_K)):
            if rate >= bound:
                yield Finding(level, "battery heating in K/min", rate, bound)
                return
