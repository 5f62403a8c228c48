"""The start gate: whether a phone has come to rest, in device time; pure.

A zone is at rest if over the last `hold_s` its fitted slope stayed small and, where this phone's
idle state is known, its mean lies close to it from both sides.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from benchmarks.safety import is_plausible
from benchmarks.specs import StartGate
from benchmarks.trace import Floats, si
from devices.clock import NS_PER_S
from devices.samples import Batch, Group

FEWEST_READINGS = 3  # fewer give no slope
LOOK_S = 5.0  # the gate is judged on this grid of device time, whenever the rows arrive


class Outcome(StrEnum):
    """How the wait ended."""

    SETTLED = "settled"  #: the phone was at rest
    TIMED_OUT = "timed_out"  #: it was not, and the spec wanted to go on
    NO_SENSOR = "no_sensor"  #: nothing to look at
    OFF = "off"  #: the spec did not want to wait


@dataclass(frozen=True, slots=True)
class Passage:
    """What the gate found out."""

    outcome: Outcome
    waited_s: float
    because: str = ""  # what was not at rest
    slopes_c_per_min: Mapping[str, float] = field(default_factory=dict)
    means_c: Mapping[str, float] = field(default_factory=dict)


class _Zone:
    """The recent readings of one temperature."""

    def __init__(self) -> None:
        self._t_s = np.empty(0)
        self._celsius = np.empty(0)

    def add(self, t_s: Floats, celsius: Floats) -> None:
        plausible = np.array([is_plausible(value) for value in celsius], dtype=np.bool_)
        self._t_s = np.append(self._t_s, t_s[plausible])
        self._celsius = np.append(self._celsius, celsius[plausible])

    def fit(self, start_s: float, end_s: float) -> tuple[float, float] | None:
        """Return mean [°C] and slope [°C/min] over [start_s, end_s); forget what is older."""
        kept = self._t_s >= start_s
        self._t_s, self._celsius = self._t_s[kept], self._celsius[kept]
        seen = self._t_s < end_s
        if seen.sum() < FEWEST_READINGS:
            return None
        celsius, centered = self._celsius[seen], self._t_s[seen] - self._t_s[seen].mean()
        slope = float((centered * celsius).sum() / (centered * centered).sum())
        return float(celsius.mean()), slope * 60


class Settling:
    """Follows the temperatures of a phone until its gate opens or gives up."""

    def __init__(self, gate: StartGate, idle_c: Mapping[str, float]) -> None:
        self._gate = gate
        self._idle_c = idle_c
        self._groups: dict[int, Group] = {}
        self._zones: dict[str, _Zone] = {}
        self._start_ns: int | None = None
        self._looked_s = 0.0
        self._now_s = 0.0
        self.passage: Passage | None = None

    @property
    def has_zones(self) -> bool:
        """Whether any declared channel is a temperature."""
        return bool(self._zones)

    def declare(self, group: Group) -> None:
        """Note the channels of a clock group."""
        self._groups[group.number] = group
        for channel in group.channels:
            if is_temperature(channel.name):
                self._zones.setdefault(channel.name, _Zone())

    def add(self, batch: Batch) -> None:
        """Take rows, and judge at each look that they complete."""
        if not batch.rows or self.passage is not None:
            return
        if self._start_ns is None:
            self._start_ns = int(batch.t_ns[0])
        t_s = (batch.t_ns - self._start_ns) / NS_PER_S
        for row, channel in enumerate(self._groups[batch.group].channels):
            if channel.name in self._zones:
                valid = batch.valid[row]
                celsius = si(channel, batch.raw[row], valid)
                self._zones[channel.name].add(t_s[valid], celsius[valid])
        self._now_s = max(self._now_s, float(t_s[-1]))
        self._judge()

    def _judge(self) -> None:
        # The newest look may still miss rows of the other clock group: stay one look behind.
        while self.passage is None and self._looked_s + 2 * LOOK_S <= self._now_s:
            self._looked_s += LOOK_S
            if self._looked_s >= self._gate.hold_s:
                self.passage = self._look(self._looked_s)

    def _look(self, now_s: float) -> Passage | None:
        fits = {
            name: fit
            for name, zone in self._zones.items()
            if (fit := zone.fit(now_s - self._gate.hold_s, now_s)) is not None
        }
        if not fits:
            return Passage(Outcome.NO_SENSOR, now_s, "no zone gave a plausible value")
        means = {name: mean for name, (mean, _) in fits.items()}
        slopes = {name: slope for name, (_, slope) in fits.items()}
        restless = next(self._restless(means, slopes), "")
        if not restless:
            return Passage(Outcome.SETTLED, now_s, "", slopes, means)
        if now_s >= self._gate.timeout_s:
            return Passage(Outcome.TIMED_OUT, now_s, restless, slopes, means)
        return None

    def _restless(self, means: Mapping[str, float], slopes: Mapping[str, float]) -> Iterator[str]:
        for zone, slope in slopes.items():
            if abs(slope) >= self._gate.slope_c_per_min:
                limit = self._gate.slope_c_per_min
                yield f"{zone} moves by {slope:+.2f} °C/min, the gate opens below {limit:g}"
        for zone, mean in means.items():
            idle = self._idle_c.get(zone)
            if idle is not None and abs(mean - idle) > self._gate.relative_c:
                limit = self._gate.relative_c
                yield f"{zone} is {mean:.1f} °C, the gate opens within {limit:g} of {idle:.1f}"


def is_temperature(channel: str) -> bool:
    """Return whether a channel is looked at by the gate."""
    return channel == "battery.temperature" or (
        channel.startswith("zone.") and channel.endswith(".temperature")
    )
