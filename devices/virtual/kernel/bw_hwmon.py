"""The rule of Qualcomm's governor for memory bandwidth (governor_bw_hwmon.c of its kernels).

Up at once, down by decay; what is asked for is a multiple of what was measured, because a bus is
slow long before it is full. Written after a description of the governor: its hysteresis windows,
off in the shipped defaults, are left out.
"""

from dataclasses import dataclass

_TOLERANCE = 0.6  # a peak within this share of the highest keeps its memory [1]


@dataclass(slots=True)
class BwHwmon:
    """Tunables under the kernel's names, and what is remembered from window to window."""

    guard_band_mbps: int = 100
    decay_rate: int = 75  # how much of a fall is followed at once [%]
    io_percent: int = 16  # share of the bus that traffic may fill [%]
    up_thres: int = 20  # a rise by more than this wakes the governor early [%]
    up_scale: int = 0  # how much of such a rise is asked for on top [%]
    hist_memory: int = 0  # windows for which the highest peak limits what is asked on top
    is_settled: bool = False  # the last window changed nothing
    _asked: float = 0.0
    _peak: float = 0.0
    _windows: int = 0

    def vote(self, measured: float) -> float:
        """Take in the traffic of one window and return the bandwidth to ask for [MB/s]."""
        before = (self._asked, self._peak)
        self._remember(measured)
        wanted = measured
        if measured > self._asked * (1.0 + self.up_thres / 100):
            wanted += (measured - self._asked) * self.up_scale / 100
            if measured < self._peak < wanted:
                wanted = self._peak
        wanted += self.guard_band_mbps
        if wanted < self._asked:
            decay = self.decay_rate / 100
            wanted = wanted * decay + self._asked * (1.0 - decay)
        self._asked = wanted
        self.is_settled = before == (self._asked, self._peak)
        return wanted * 100 / self.io_percent

    def _remember(self, measured: float) -> None:
        if measured > self._peak or not self._windows:
            self._peak, self._windows = measured, self.hist_memory
        elif measured >= _TOLERANCE * self._peak:
            self._windows = self.hist_memory
        else:
            self._windows -= 1
