"""Punctual laziness: an inference spread over its interval as cheaply as it can be (D7).

The algorithm is reconstructed from the abstract of NeuroBalancer (Bin et al., IEEE TMC 24(5),
2025); the full text was not available.
"""

from collections.abc import Sequence

import numpy as np

from benchmarks.policies.dvfs.margin import FIRST_MARGIN, QuantileMargin
from benchmarks.policies.dvfs.profile_table import Actuation, Floats, ProfileTable
from benchmarks.policies.dvfs.schedule import Schedule

DRIFT_WEIGHT = 0.1  # of the newest interval in the drift of an operator [1]
RESOLVE = 0.01  # a plan is made anew when margin or drift moved by this much [1]
_USUAL = Actuation()


class Balancer:
    """Runs schedules, and learns margin and drift from what they took."""

    def __init__(
        self,
        table: ProfileTable,
        interval_s: float,
        actuation: Actuation = _USUAL,
        *,
        margin: float = FIRST_MARGIN,
    ) -> None:
        self._table = table
        self._interval_s = interval_s
        self._actuation = actuation
        self._margin = QuantileMargin(margin)
        self._drift = np.ones(len(table.ops))
        self._clamp_khz: int | None = None
        self._used = (self._margin.value, self._drift)
        self.resolves = 0
        self._at = 0
        self._chosen: list[int] = []
        self._solve()

    @property
    def margin(self) -> float:
        """The share of the interval that is kept back now [1]."""
        return self._margin.value

    @property
    def slowdown(self) -> float:
        """How long operators take now, over what the table says; their mean [1]."""
        return float(self._drift.mean())

    def clamp(self, core_cap_khz: int | None) -> None:
        """Plan with the clocks that a thermal cap leaves [kHz]; None lifts it."""
        if core_cap_khz != self._clamp_khz:
            self._clamp_khz = core_cap_khz
            self._solve()

    def point(self, op: int, elapsed_s: float) -> int:
        """Return the point of the segment that operator `op` belongs to."""
        segment = self._starts.get(op)
        if segment is not None:
            self._at = self.schedule.resume(segment, self._at, elapsed_s)
            self._chosen[segment] = self._at
        return self._at

    def learn(self, op_s: Floats) -> None:
        """Take in an interval; plan anew when margin or drift have moved."""
        self._compare(self.schedule.expected_s(self._chosen, len(op_s)), op_s)

    def observe(self, points: Sequence[int], segment_s: Sequence[float]) -> None:
        """Take in an interval that is told by segment: its points, and what each took [s]."""
        ops = len(self._drift)
        expected_s = self.schedule.expected_s(points, ops)
        counts = np.diff([*self.schedule.segments.first_op, ops])
        ratios = np.asarray(segment_s) / np.asarray(self.schedule.durations_s(points))
        self._compare(expected_s, expected_s * np.repeat(ratios, counts))

    def _compare(self, expected_s: Floats, op_s: Floats) -> None:
        # Against what was carried out, not against the first plan: a rescue hides a slow interval.
        self._margin.learn(float(op_s.sum()), float(expected_s.sum()))
        self._drift = self._drift * (1.0 + DRIFT_WEIGHT * (op_s / expected_s - 1.0))
        margin, drift = self._used
        moved = float(np.average(np.abs(self._drift - drift), weights=expected_s))
        if max(abs(self._margin.value - margin), moved) > RESOLVE:
            self._solve()

    def _solve(self) -> None:
        self.resolves += 1
        self._used = (self._margin.value, self._drift.copy())
        self.schedule = Schedule(
            self._table.scaled(self._drift),
            self._interval_s,
            self._actuation,
            margin=self._margin.value,
            core_cap_khz=self._clamp_khz,
            like=self._table,
        )
        self._starts = {op: k for k, op in enumerate(self.schedule.segments.first_op)}
        self._at = self.schedule.plan.points[0]
        self._chosen = list(self.schedule.plan.points)
