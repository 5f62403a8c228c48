"""How long a phase of a run may take: by the phone's own time, as its rows tell it."""

from benchmarks.conversation import Tick
from devices.clock import HOST, NS_PER_S, HostClock, SimulatedClock
from devices.samples import Batch, Item
from fleet.lifecycle.run import PhaseTimeout


class Patience:
    """Ends a phase whose phone has lived longer than it may.

    By how much a virtual phone is behind its speed is not the phone's fault, and what this machine
    takes for its part seems long only to a fast phone. So this machine's time counts as that of a
    phone in real time.
    """

    def __init__(
        self, limit_s: float, rate: float, host: HostClock | SimulatedClock = HOST
    ) -> None:
        self._limit_s = limit_s  # [s of device time]
        self._host_limit_s = limit_s / min(max(rate, 1e-3), 1.0)
        self._host = host
        self._began_ns = host.now_ns()
        self._first_ns: int | None = None

    def hear(self, item: Item | Tick) -> None:
        """Take note of what came; raises PhaseTimeout when the phase has lasted too long."""
        if self._lived_s(item) > self._limit_s:
            raise PhaseTimeout(f"the phase took longer than {self._limit_s:.0f} s of device time")
        if (self._host.now_ns() - self._began_ns) / NS_PER_S > self._host_limit_s:
            raise PhaseTimeout(f"the phase took longer than {self._host_limit_s:.0f} s")

    def _lived_s(self, item: Item | Tick) -> float:
        """Return for how long the phone has told of itself [s of device time]."""
        if not isinstance(item, Batch) or not item.rows:
            return 0.0
        if self._first_ns is None:
            self._first_ns = int(item.t_ns[0])
        return (int(item.t_ns[-1]) - self._first_ns) / NS_PER_S
