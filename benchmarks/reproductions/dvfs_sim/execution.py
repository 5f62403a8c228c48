"""Executing intervals: operators one after the other, while written clocks arrive late."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.policies.dvfs.profile_table import (
    Actuation,
    Floats,
    ProfileTable,
    interval_energy_j,
)
from benchmarks.policies.dvfs.scheduling import Scheduler
from benchmarks.policies.dvfs.sysscale_like import SysScaleLike


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What one policy made of a row of intervals."""

    interval_s: float
    busy_s: Floats  # [intervals]
    energy_j: Floats  # [intervals], waiting included

    @property
    def mean_j(self) -> float:
        """Energy per interval [J]."""
        return float(self.energy_j.mean())

    @property
    def hit(self) -> float:
        """The share of deadlines that were met [1]."""
        return float((self.busy_s <= self.interval_s * (1 + 1e-9)).mean())

    @property
    def punctuality(self) -> float:
        """Median of end over deadline [1]."""
        return float(np.median(self.busy_s)) / self.interval_s


class Run:
    """One policy on one phone; clocks keep what was written to them between intervals."""

    def __init__(
        self,
        truth: ProfileTable,
        scheduler: Scheduler,
        interval_s: float,
        actuation: Actuation,
        moved_bytes: Sequence[float] = (),
    ) -> None:
        self._truth = truth
        self._time_s: list[list[float]] = truth.time_s.tolist()
        self._joule: list[list[float]] = truth.energy_j.tolist()
        self._scheduler = scheduler
        self._interval_s = interval_s
        self._actuation = actuation
        self._bytes = moved_bytes  # per operator; only a policy that counts traffic needs it
        self._memory = scheduler if isinstance(scheduler, SysScaleLike) else None
        self._window_bytes = 0.0
        self._tick_s = self._memory.period_s if self._memory else float("inf")

    def perform(self, factors: Floats) -> Outcome:
        """Run one interval per row of factors."""
        busy, energy = [], []
        for row in factors:
            busy_s, busy_j = self._interval(row)
            busy.append(busy_s)
            energy.append(interval_energy_j(busy_j, busy_s, self._interval_s, self._truth.idle_w))
        return Outcome(self._interval_s, np.array(busy), np.array(energy))

    def _interval(self, factors: Floats) -> tuple[float, float]:
        self._t_s, self._energy_j = 0.0, 0.0
        # What the first operator needs is written while the phone still waits.
        self._point = self._wanted = self._scheduler.point(0, 0.0)
        self._core_due_s = self._memory_due_s = float("inf")
        op_s = np.empty(len(factors))
        for op, factor in enumerate(factors):
            began_s = self._t_s
            self._write(self._scheduler.point(op, self._t_s))
            self._compute(op, float(factor))
            op_s[op] = self._t_s - began_s
        self._scheduler.learn(op_s)
        self._wait()
        return self._t_s, self._energy_j

    def _write(self, wanted: int) -> None:
        if wanted == self._wanted:
            return
        self._wanted = wanted
        self._core_due_s = self._t_s + self._actuation.core_s
        self._memory_due_s = self._t_s + self._actuation.memory_s
        self._t_s += self._actuation.stall_s
        self._energy_j += self._actuation.stall_s * self._truth.idle_w

    def _compute(self, op: int, factor: float) -> None:
        left = 1.0
        while left > 1e-12:
            whole_s = self._time_s[op][self._point] * factor
            until_s = min(self._core_due_s, self._memory_due_s, self._tick_s)
            step = min(left, max(0.0, until_s - self._t_s) / whole_s)
            self._t_s += step * whole_s
            self._energy_j += step * self._joule[op][self._point] * factor
            left -= step
            if self._memory:
                self._window_bytes += step * self._bytes[op]
            if left > 1e-12:
                self._arrive(op)

    def _arrive(self, op: int) -> None:
        """Let come in force what is due now."""
        now_s = self._t_s + 1e-12
        core, memory = self._truth.pair(self._point)
        wanted_core, wanted_memory = self._truth.pair(self._wanted)
        if self._core_due_s <= now_s:
            core, self._core_due_s = wanted_core, float("inf")
        if self._memory_due_s <= now_s:
            memory, self._memory_due_s = wanted_memory, float("inf")
        self._point = self._truth.point(core, memory)
        if self._memory and self._tick_s <= now_s:
            self._tick(self._memory)
            self._write(self._memory.point(op, self._t_s))

    def _tick(self, governor: SysScaleLike) -> None:
        governor.tick(self._window_bytes)
        self._window_bytes = 0.0
        self._tick_s += governor.period_s

    def _wait(self) -> None:
        """Let the windows of waiting pass, and count time from the next release."""
        if self._memory is None:
            return
        length_s = max(self._interval_s, self._t_s)
        while self._tick_s <= length_s:
            self._tick(self._memory)
        self._tick_s -= length_s
