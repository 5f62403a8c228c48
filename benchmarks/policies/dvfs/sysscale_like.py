"""SysScale-like: the cores by schedutil, the memory high or low by its traffic (D5)."""

from benchmarks.policies.dvfs.profile_table import Floats, ProfileTable
from benchmarks.policies.dvfs.scheduling import governed_core

PERIOD_S = 0.030
THRESHOLD = 0.6  # traffic above this share of what LOW can carry asks for HIGH [1]


class SysScaleLike:
    """Two memory clocks, chosen every 30 ms from the bytes of the last 30 ms.

    In the manner of SysScale (ISCA 2020), from its abstract and summaries; of its five counters
    there is one here, and its LOW point is a guess.
    """

    period_s = PERIOD_S

    def __init__(
        self, table: ProfileTable, interval_s: float, *, low: int, low_bytes_per_s: float
    ) -> None:
        self._table = table
        self._low, self._high = low, len(table.memory_khz) - 1
        self._threshold_bytes = THRESHOLD * low_bytes_per_s * PERIOD_S
        self._core = governed_core(table, interval_s, self._high)
        self.memory = self._high
        self.windows = {self._high: 0, self._low: 0}  # how often each was chosen

    def tick(self, moved_bytes: float) -> None:
        """Choose the memory clock for the next window."""
        self.memory = self._high if moved_bytes > self._threshold_bytes else self._low
        self.windows[self.memory] += 1

    def point(self, op: int, elapsed_s: float) -> int:
        """Return the governed core clock beside the memory clock of this window."""
        return self._table.point(self._core, self.memory)

    def learn(self, op_s: Floats) -> None:
        """Learn nothing: it looks at windows, not at intervals."""
