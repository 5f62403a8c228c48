"""What all shifting policies share: a sensor, and the pace at which smaller variants run."""

import re
from abc import ABC
from statistics import median
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from benchmarks.policies.base import Observation, PolicySpec, SetVariant, Task
from benchmarks.policies.shifting.sensing import CPU_ZONES, CpuTemperature, rungs_of
from devices.profile import DeviceProfile

PACE_S = 60.0  # the large variant's latency is learned from so much of the start
PAPER = "Zhou, Liang, Chin, Marculescu: Play It Cool (2022), arXiv 2206.10849"


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}") from None
    return text


Pattern = Annotated[str, AfterValidator(_pattern)]


class ShiftingPolicy(PolicySpec, ABC):
    """A policy of the benchmark `shifting`."""

    suits: ClassVar[frozenset[str]] = frozenset({"shifting"})
    sensor: Pattern = Field(
        CPU_ZONES, description="Regular expression of thermal zones; their median counts."
    )
    idle_fill: bool = Field(
        True, description="Smaller variants wait until the period of the largest one is over."
    )
    fill_period_ms: float = Field(
        0.0, ge=0, le=10_000, description="That period; 0 learns it in the first minute. [ms]"
    )
    senses: ClassVar[bool] = False  # whether it looks at the sensor at all

    def refuse(self, profile: DeviceProfile) -> None:
        """Refuse a phone without the named sensor. Raises Lacking."""
        if self.senses:
            CpuTemperature(profile, self.sensor)


class Ladder:
    """The variants of a task from large to small, and at which pace each runs."""

    def __init__(self, spec: ShiftingPolicy, task: Task, *, ends_only: bool = True) -> None:
        rungs = rungs_of(task.variants, spec.kind)
        self.rungs = (rungs[0], rungs[-1]) if ends_only else rungs
        self._large_period_s = task.period_s
        self._fills = spec.idle_fill
        self._period_s = spec.fill_period_ms / 1000 or task.period_s
        self.is_given = self._period_s > 0
        self._seen_s: list[float] = []

    @property
    def period_s(self) -> float:
        """The period that smaller variants are filled up to; 0 if nothing is known yet [s]."""
        if self.is_given:
            return self._period_s
        return median(self._seen_s) if self._seen_s else 0.0

    def learn(self, seen: Observation) -> None:
        """Take the latency of the largest variant while the phone is fresh, or none is known."""
        is_large = seen.variant == self.rungs[0]
        is_fresh = seen.t_s <= PACE_S or not self._seen_s
        if is_large and seen.latency_s is not None and is_fresh:
            self._seen_s.append(seen.latency_s)

    def place(self, seen: Observation) -> int:
        """Return the rung in force, 0 being the largest."""
        return self.rungs.index(seen.variant)

    def shift(self, rung: int, reason: str) -> tuple[SetVariant, ...]:
        """Return the shift to a rung; none yet to one that must be filled up to an unknown pace."""
        if rung and self._fills and not self.period_s:
            return ()
        period_s = self._large_period_s if rung == 0 or not self._fills else self.period_s
        return (SetVariant(self.rungs[rung], reason, period_s=period_s),)
