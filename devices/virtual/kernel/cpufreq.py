"""CPU frequency policies: cores that share a clock, how busy they are, who chooses the clock."""

from collections.abc import Sequence
from errno import EINVAL

from devices.virtual.kernel.clock import Clock
from devices.virtual.kernel.governors import GOVERNORS, SATURATED, Governor

PELT_S = 0.0462  # time constant of the kernel's load average: half-life 32 ms [s]
ACTUATION_NS = 1_000_000  # from the write to the new clock [ns]


class Policy(Clock):
    """One cluster's clock; utilization is relative to the top clock, 0..1."""

    def __init__(self, cpus: tuple[int, ...], khz: tuple[int, ...], governor: str) -> None:
        super().__init__(khz, governor, ACTUATION_NS)
        self.cpus = cpus
        self.khz = khz  # ascending
        self.util = 0.0  # of the busiest CPU, averaged …
        self.goal = 0.0  # … and what that tends to while nothing changes
        self.cpu_utils: tuple[float, ...] = (0.0,) * len(cpus)  # of the last interval
        self.demand_khz = 0.0  # the clock at which the busiest CPU would just be busy [kHz]
        self.governors: dict[str, Governor] = {name: make() for name, make in GOVERNORS.items()}

    @property
    def max_khz(self) -> int:
        """The upper limit that a user has set [kHz]."""
        return self.wish.high

    @property
    def memory_ns(self) -> int:
        """How long the governor may hold on to what it saw before the last change [ns]."""
        return self.governors[self.in_force.governor].memory_us(self) * 1000

    def decide(self, now_ns: int = 0) -> int:
        """Choose and return the operating point for the next interval."""
        if self._waiting:
            self.settle(now_ns)
        governor = self.governors[self.in_force.governor]
        self.point = self.clamped(governor.choose(self, now_ns))
        return self.point

    def observe(self, busy: Sequence[float], weight: float) -> None:
        """Take in what share of the last interval each CPU was busy; `weight` is that of the new.

        A kernel looks many times per interval: one that saw no idle moment climbs to the top
        within it, because each look raises the clock by the headroom.
        """
        scale = self.khz[self.point] / self.khz[-1]
        self.cpu_utils = tuple([share * scale for share in busy])
        most = max(busy)
        self.demand_khz = most * self.khz[self.point]
        if most > SATURATED:
            self.demand_khz = self.khz[-1] * 2.0
        self.goal = 1.0 if most > SATURATED else most * scale
        self.util += (self.goal - self.util) * weight

    def write(self, key: str, text: str, now_ns: int) -> None:
        """Take a user's write to one of this policy's files; raises OSError(EINVAL)."""
        match key:
            case "scaling_governor":
                if text not in self.governors:
                    raise OSError(EINVAL, "Invalid argument")
                self.set_governor(text, now_ns)
            case "scaling_min_freq":
                self.set_low(text, now_ns)
            case "scaling_max_freq":
                self.set_high(text, now_ns)
            case _:
                self.set_speed(text, now_ns)
