"""PredJoule-like: every segment gets its share of what is left of the interval (D6)."""

import numpy as np

from benchmarks.policies.dvfs.profile_table import Actuation, Floats, ProfileTable
from benchmarks.policies.dvfs.segments import merge


class PredJouleLike:
    """Greedy in order: the cheapest point within the segment's budget; slack rolls forward.

    In the manner of PredJoule (RTSS 2018), from its abstract and summaries. It is given the same
    segments as its rivals: operator by operator, clocks that arrive late make it miss everything.
    """

    def __init__(self, table: ProfileTable, interval_s: float, actuation: Actuation) -> None:
        self._table = table
        self._interval_s = interval_s
        self._segments = merge(table, actuation)
        self._start = {op: k for k, op in enumerate(self._segments.first_op)}
        reference_s = self._segments.time_s[:, table.fastest]
        ahead_s = np.cumsum(reference_s[::-1])[::-1]
        self._share = reference_s / ahead_s  # of what is left, per segment
        self._net_j = self._segments.energy_j - table.idle_w * self._segments.time_s
        self._memory = np.arange(table.points) % len(table.memory_khz)
        self._point = table.fastest

    def budget_s(self, segment: int, elapsed_s: float) -> float:
        """Return what a segment may take [s]."""
        return (self._interval_s - elapsed_s) * float(self._share[segment])

    def point(self, op: int, elapsed_s: float) -> int:
        """Return the cheapest point within the budget of the operator's segment."""
        segment = self._start.get(op)
        if segment is not None:
            self._point = self._choose(segment, self.budget_s(segment, elapsed_s))
        return self._point

    def _choose(self, segment: int, budget_s: float) -> int:
        in_time = self._segments.time_s[segment] <= budget_s
        stays = self._memory == self._memory[self._point]
        fits = in_time if self._segments.frees_memory[segment] else in_time & stays
        if not fits.any():
            fits = in_time
        if not fits.any():
            return self._table.fastest
        return int(np.where(fits, self._net_j[segment], np.inf).argmin())

    def learn(self, op_s: Floats) -> None:
        """Learn nothing: the next interval starts with a full budget."""
