"""The clocks that a plan may set, by number: clusters first, then memory and GPU."""

from collections.abc import Iterator
from contextlib import contextmanager

from devices.virtual.kernel.chip import Chip
from devices.virtual.kernel.clock import Clock
from devices.virtual.kernel.course import Points
from devices.virtual.kernel.devfreq import Domain

_BANDWIDTH_WORDS = ("bw", "memlat")  # nodes that count MB/s
_LEAST_HZ = 10_000_000  # nothing with a clock in kHz runs at 10 GHz


class PlanClocks:
    """A chip's clocks as plans see them: by the names and in the units of the knobs."""

    def __init__(self, chip: Chip) -> None:
        self._clocks = chip.clocks
        self._values: list[tuple[int, ...]] = [policy.khz for policy in chip.policies]
        names = [f"cluster{policy.cpus[0]}.set_khz" for policy in chip.policies]
        for domain in chip.domains:
            name, values = _knob(domain, is_memory=domain is chip.dram.domain)
            names.append(name)
            self._values.append(values)
        self.knobs = tuple(names)
        self._bytes_per_s = chip.dram.bytes_per_s
        self._memory = chip.clocks.index(chip.dram.domain) if chip.dram.domain else None

    def domain_of(self, knob: str) -> int | None:
        """Return the number of a knob's clock; None for a knob that no plan can set."""
        return self.knobs.index(knob) if knob in self.knobs else None

    def is_memory(self, domain: int) -> bool:
        """Whether the clock is the memory's."""
        return domain == self._memory

    def bytes_per_s(self, point: int) -> float:
        """Return what the memory carries at one of its points [B/s]."""
        return self._bytes_per_s[point]

    def is_users(self, domain: int) -> bool:
        """Whether the clock follows what users write."""
        return self._clocks[domain].wish.governor == "userspace"

    def values(self, domain: int) -> tuple[int, ...]:
        """Return what the clock's knob can be, slowest first."""
        return self._values[domain]

    def delay_ns(self, domain: int) -> int:
        """Return how long a write takes to count [ns]."""
        return self._clocks[domain].delay_ns

    @contextmanager
    def at(self, points: Points) -> Iterator[None]:
        """Run the body as if these clocks were in force, cut to what users and heat allow."""
        before = [clock.point for clock in self._clocks]
        for domain, point in points:
            clock = self._clocks[domain]
            clock.point = clock.clamped(point)
        yield
        for clock, point in zip(self._clocks, before, strict=True):
            clock.point = point

    def leave_at(self, points: Points, now_ns: int) -> None:
        """Let the files show the clocks that a plan wrote last, and their governor keep them."""
        for domain, point in points:
            clock = self._clocks[domain]
            if self.is_users(domain) and clock.wish.setspeed != clock.steps[point]:
                clock.set_speed(str(clock.steps[point]), now_ns)


def _knob(domain: Clock, *, is_memory: bool) -> tuple[str, tuple[int, ...]]:
    """Return the name of a devfreq node's knob, and its values in that knob's unit."""
    assert isinstance(domain, Domain)
    is_bandwidth = is_memory and any(word in domain.node for word in _BANDWIDTH_WORDS)
    scale = 1000 if domain.steps[-1] >= _LEAST_HZ and not is_bandwidth else 1
    name = f"{'mem' if is_memory else 'gpu'}.set_{'mbps' if is_bandwidth else 'khz'}"
    return name, tuple(step // scale for step in domain.steps)
