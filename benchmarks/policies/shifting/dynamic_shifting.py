"""Dynamic shifting: leave the large variant when it is hot, return when the cooling levels off."""

from abc import ABC
from collections import deque
from math import exp
from statistics import median
from typing import ClassVar, Literal

from pydantic import Field

from benchmarks.policies.base import Action, Controller, Observation, Task
from benchmarks.policies.shifting.base import PAPER, Ladder, ShiftingPolicy
from benchmarks.policies.shifting.sensing import Caps, CpuTemperature
from devices.profile import DeviceProfile

MARGIN_C = 4.0  # the paper's phone throttled at 77 °C and was kept below 73
BEFORE_S = 20.0  # what a temperature before the first throttle is taken from


class Trend:
    """A smoothed temperature and its smoothed slope, whatever the distance of the readings.

    Notes:
        The paper gives coefficients per inference; over a period p they are the time constants
        τ = p / -ln(coefficient), and exp(-dt/τ) is the same filter for any dt.
    """

    def __init__(self, tau_average_s: float, tau_slope_s: float) -> None:
        self._tau_average_s, self._tau_slope_s = tau_average_s, tau_slope_s
        self._average: float | None = None
        self._t_s = 0.0
        self.slope = 0.0  # [°C/s]
        self.age_s = 0.0

    def restart(self, t_s: float, celsius: float) -> None:
        """Forget everything but the reading that caused a shift: the cooling is seen from there.

        A chip whose die is cold again before the next reading would show no slope otherwise.
        """
        self._average, self._t_s = celsius, t_s
        self.slope = self.age_s = 0.0

    def add(self, t_s: float, celsius: float) -> None:
        """Take one reading; one that is not later than the last is skipped."""
        if self._average is None:
            self._average, self._t_s = celsius, t_s
            return
        dt = t_s - self._t_s
        if dt <= 0:
            return
        before = self._average
        keep = exp(-dt / self._tau_average_s)
        self._average = keep * before + (1 - keep) * celsius
        keep = exp(-dt / self._tau_slope_s)
        self.slope = keep * self.slope + (1 - keep) * (self._average - before) / dt
        self._t_s = t_s
        self.age_s += dt


class TrendPolicy(ShiftingPolicy, ABC):
    """Parameters of a policy that shifts down by temperature and up by its slope."""

    senses: ClassVar[bool] = True
    t_lim_c: float | None = Field(
        None,
        ge=30,
        le=110,
        description="Shift down above this; empty: 4 °C below where this run first throttles. [°C]",
    )
    g_lim_c_per_s: float = Field(
        -0.07, ge=-5, le=0, description="Shift up when the slope is above this. [°C/s]"
    )
    tau_average_s: float = Field(29.9, gt=0, le=600, description="Smooths the temperature. [s]")
    tau_slope_s: float = Field(14.9, gt=0, le=600, description="Smooths its slope. [s]")
    min_dwell_s: float = Field(
        9.0, ge=0, le=600, description="At least so long in a smaller variant. [s]"
    )


class DynamicShifting(TrendPolicy):
    """Shifts to the small variant above t_lim, and back when the CPU has stopped cooling down."""

    why: ClassVar[str] = (
        "A phone that throttles loses more than one that rests: its clock stays low for minutes, "
        "because the case is hot, not the chip. Shifting down a little earlier keeps the clock up, "
        "and the slope of the temperature says when the rest has done its work: while the small "
        "network runs, the chip cools fast, then ever slower. The dwell time is ours: the "
        "published algorithm clears its averages at a shift, and taken literally that sends it "
        "straight back. So is where the average starts again: at the reading that caused the "
        "shift, or a chip that cools within a second would show no slope at all."
    )
    source: ClassVar[str] = f"{PAPER}, Algorithm 1; slopes read as °C per second"
    kind: Literal["dynamic_shifting"] = "dynamic_shifting"

    def start(self, profile: DeviceProfile, task: Task) -> Controller:
        """Return a controller of the largest and the smallest variant."""
        return ShiftingController(self, Ladder(self, task), CpuTemperature(profile, self.sensor))


class ShiftingController:
    """The memory of dynamic and ladder shifting."""

    def __init__(self, spec: TrendPolicy, ladder: Ladder, sensor: CpuTemperature) -> None:
        self._spec = spec
        self._ladder = ladder
        self._sensor = sensor
        self._trend = Trend(spec.tau_average_s, spec.tau_slope_s)
        self._limit = _Limit(spec.t_lim_c)

    def decide(self, seen: Observation) -> tuple[Action, ...]:
        """Shift one rung down, one up, or not at all."""
        self._ladder.learn(seen)
        celsius = self._sensor.read(seen.newest)
        if celsius is None:
            return ()
        limit_c = self._limit.at(seen, celsius)
        self._trend.add(seen.t_s, celsius)
        rung, slope, spec = self._ladder.place(seen), self._trend.slope, self._spec
        if limit_c is not None and celsius > limit_c and rung < len(self._ladder.rungs) - 1:
            return self._shift(seen, rung + 1, f"{celsius:.1f} °C is above {limit_c:.1f} °C")
        if limit_c is not None and self._limit.is_new and rung < len(self._ladder.rungs) - 1:
            return self._shift(seen, rung + 1, f"throttled: t_lim is {limit_c:.1f} °C from now on")
        if rung and self._trend.age_s >= spec.min_dwell_s and slope > spec.g_lim_c_per_s:
            return self._shift(
                seen, rung - 1, f"{slope:+.3f} °C/s is above {spec.g_lim_c_per_s:+g}"
            )
        return ()

    def _shift(self, seen: Observation, rung: int, reason: str) -> tuple[Action, ...]:
        celsius = self._sensor.read(seen.newest)
        assert celsius is not None
        self._trend.restart(seen.t_s, celsius)
        return self._ladder.shift(rung, reason)


class _Limit:
    """The temperature that must not be passed: given, or learned at the first throttling."""

    def __init__(self, given_c: float | None) -> None:
        self._limit_c = given_c
        self._caps = Caps()
        self._before: deque[tuple[float, float]] = deque()
        self.is_new = False

    def at(self, seen: Observation, celsius: float) -> float | None:
        """Return it; None while it is not known yet [°C]."""
        self.is_new = False
        if self._limit_c is None and self._caps.is_capped(seen.newest) and self._before:
            self._limit_c = median(c for _, c in self._before) - MARGIN_C
            self.is_new = True
        self._before.append((seen.t_s, celsius))
        while self._before[0][0] < seen.t_s - BEFORE_S:
            self._before.popleft()
        return self._limit_c
