"""Two clocks and a line between them: offset, rate and error from round trips; pure."""

from collections import deque
from dataclasses import dataclass
from math import ceil

import numpy as np

_MIN_SPAN_NS = 2_000_000_000  # a slope over less host time than this says little
_KEPT = 30


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """One question about the time: when it left, what the phone's clock said, when it was back."""

    sent_ns: int  # host
    device_ns: int  # the phone's CLOCK_MONOTONIC
    back_ns: int  # host

    @property
    def width_ns(self) -> int:
        """The host time between question and answer [ns]."""
        return self.back_ns - self.sent_ns


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """device = host * rate + offset; `error_ns` bounds it [ns of device time]."""

    host_ns: int  # a moment on the host's monotonic clock …
    device_ns: int  # … and the same moment on the phone's
    rate: float  # device seconds per host second
    error_ns: int

    @property
    def offset_ns(self) -> int:
        """The phone's clock at host time 0 [ns]."""
        return self.device_ns - round(self.host_ns * self.rate)

    def device_at(self, host_ns: int) -> int:
        """Return the phone's clock at a host time [ns]."""
        return self.device_ns + round((host_ns - self.host_ns) * self.rate)

    def host_at(self, device_ns: int) -> int:
        """Return the host's clock at a device time [ns]."""
        return self.host_ns + round((device_ns - self.device_ns) / self.rate)


class ClockFit:
    """Remembers the best round trip of each sync and fits a line through the last 30."""

    def __init__(self, nominal_rate: float) -> None:
        self._nominal_rate = nominal_rate
        self._kept: deque[RoundTrip] = deque(maxlen=_KEPT)

    def add(self, trips: list[RoundTrip]) -> ClockOffset:
        """Keep the narrowest of `trips` and return the clocks' relation by all that is known."""
        best = min(trips, key=lambda trip: trip.width_ns)
        self._kept.append(best)
        rate = self._slope()
        return ClockOffset(
            host_ns=best.sent_ns + best.width_ns // 2,
            device_ns=best.device_ns,
            rate=rate,
            error_ns=ceil(ceil(best.width_ns / 2) * rate),
        )

    def _slope(self) -> float:
        host = np.array([trip.sent_ns + trip.width_ns // 2 for trip in self._kept])
        if host[-1] - host[0] < _MIN_SPAN_NS:
            return self._nominal_rate
        device = np.array([trip.device_ns for trip in self._kept])
        host_s, device_s = (host - host[0]) / 1e9, (device - device[0]) / 1e9
        return float(np.polyfit(host_s, device_s, 1)[0])
