"""One interval solved: which clocks each segment has, and what to do when it falls behind.

Reconstructed from the abstract of NeuroBalancer; the full text was not available.
"""

from collections.abc import Sequence

import numpy as np

from benchmarks.policies.dvfs.ladder import Ladder, Rung
from benchmarks.policies.dvfs.profile_table import Actuation, Floats, ProfileTable
from benchmarks.policies.dvfs.segments import Segments, merge
from benchmarks.policies.dvfs.transitions import transitions

LATE = 0.02  # behind the plan by this share of the interval: finish by another plan [1]
_USUAL = Actuation()


class Schedule:
    """A solved plan with everything that its execution needs."""

    def __init__(
        self,
        table: ProfileTable,
        interval_s: float,
        actuation: Actuation = _USUAL,
        *,
        margin: float = 0.0,
        core_cap_khz: int | None = None,
        like: ProfileTable | None = None,
    ) -> None:
        self.interval_s = interval_s
        self.segments: Segments = merge(table, actuation, like=like)
        cap_khz = table.core_khz[-1] if core_cap_khz is None else core_cap_khz
        allowed = table.below(cap_khz)
        self.fastest = allowed[-1]
        self._table = table
        self._costs = costs = transitions(table, self.segments, actuation)
        self.budget_s = interval_s / (1.0 + margin)
        # Waiting longer than half of what was kept back would leave nothing to catch up with.
        self.patience_s = min(LATE * interval_s, (interval_s - self.budget_s) / 2)
        self.ladder = Ladder(costs, table.idle_w, self.budget_s, allowed)
        self.plan: Rung = self.ladder.best(self.budget_s) or self._race()
        spent_s = self._spent_s(self.plan.points)
        self.planned_s = np.concatenate([[0.0], np.cumsum(spent_s)])  # at each segment's start

    def _spent_s(self, points: Sequence[int]) -> Floats:
        """Return how long each segment takes at these points, changes of clock included [s]."""
        before = [points[0], *points[:-1]]
        spent_s: Floats = self._costs.time_s[np.arange(len(points)), before, list(points)]
        return spent_s

    def durations_s(self, points: Sequence[int]) -> list[float]:
        """Return how long each segment takes at these points, changes of clock included [s]."""
        return [float(seconds) for seconds in self._spent_s(points)]

    def expected_s(self, points: Sequence[int], ops: int) -> Floats:
        """Return how long each operator takes when its segments run at these points [s]."""
        steady_s = self.segments.time_s[np.arange(len(points)), list(points)]
        stretch = self._spent_s(points) / steady_s
        counts = np.diff([*self.segments.first_op, ops])
        at = np.repeat(list(points), counts)
        expected_s: Floats = self._table.time_s[np.arange(ops), at] * np.repeat(stretch, counts)
        return expected_s

    def _race(self) -> Rung:
        """Return the plan for an interval that even the fastest clocks do not meet."""
        return Rung((self.fastest,) * len(self.segments), float("inf"), float("inf"))

    def resume(self, segment: int, before: int, elapsed_s: float) -> int:
        """Return the point for a segment that begins at `elapsed_s`, the clocks being at `before`.

        On time, or with time to spare, it is the plan's. Behind it, the rest is taken from the
        laziest cached tail that still ends in time; in the last segment, or when no tail does, it
        is the fastest.
        """
        if segment == 0:
            return self.plan.points[0]
        late_s = elapsed_s - self.planned_s[segment]
        if late_s <= self.patience_s or self.plan.time_s + late_s <= self.budget_s:
            return self.plan.points[segment]
        if segment == len(self.segments) - 1:
            return self.fastest
        point = self.ladder.tail(segment, before, self.budget_s - elapsed_s)
        return self.fastest if point is None else point
