"""Reads one clock group at absolute ticks, in a thread of its own."""

from collections.abc import Callable
from threading import Event, Thread

from devices.clock import HOST, NS_PER_S
from devices.virtual.agent.body import Row
from devices.virtual.host_agent.rings import Rings


class Sampler(Thread):
    """One group; ticks are multiples of the period, so that a slow reading shifts none."""

    def __init__(self, group: int, period_us: int, read: Callable[[], Row], rings: Rings) -> None:
        super().__init__(name=f"sampler-{group}", daemon=True)
        self._group = group
        self._period_ns = period_us * 1000
        self._read = read
        self._rings = rings
        self._stopped = Event()

    def run(self) -> None:
        """The thread."""
        self._read()  # what is told as a change since the last reading needs a first one
        tick_ns = self._next_tick(HOST.now_ns())
        while not self._stopped.wait(max(0, tick_ns - HOST.now_ns()) / NS_PER_S):
            now_ns = HOST.now_ns()
            if now_ns >= tick_ns:
                self._rings.put(self._group, [now_ns, *self._read()])
                tick_ns = self._next_tick(now_ns)

    def _next_tick(self, now_ns: int) -> int:
        return (now_ns // self._period_ns + 1) * self._period_ns

    def stop(self) -> None:
        """Read no more; return when the last reading is done."""
        self._stopped.set()
        self.join()
