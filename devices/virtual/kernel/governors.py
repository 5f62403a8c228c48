"""The cpufreq governors of Linux: each looks at a policy now and then and names a clock.

Machine time moves in steps of a tenth of a second and more, while a governor's timer ticks every
few milliseconds. Between two grid points the demand is taken as constant, so the ticks that the
kernel would have had are gone through one by one: a clock that rises sees its load fall.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Protocol

if TYPE_CHECKING:
    from devices.virtual.kernel.cpufreq import Policy

HEADROOM = 1.25  # schedutil aims at a utilization of 80 % [1]
SATURATED = 0.98  # a busy share above this leaves no idle moment [1]
_NS_PER_US = 1000
_AVERAGING_US = 1_000_000  # by then a load average has come as near to the load as numbers can
_MOST_TICKS = 20  # under constant demand every rule has come to rest by then


class Governor(Protocol):
    """Chooses a clock; `tunables` are its files and can be written."""

    tunables: dict[str, int]

    def memory_us(self, policy: "Policy") -> int:
        """Return how long it may hold on to what it saw before the last change [µs]."""

    def choose(self, policy: "Policy", now_ns: int) -> int:
        """Return the operating point to run from `now_ns` on."""


@dataclass(slots=True)
class Performance:
    """The top, always."""

    tunables: dict[str, int] = field(default_factory=dict)

    def memory_us(self, policy: "Policy") -> int:
        """Return nothing: it looks at no load."""
        return 0

    def choose(self, policy: "Policy", now_ns: int) -> int:
        """Return the fastest point."""
        return len(policy.khz) - 1


@dataclass(slots=True)
class Powersave:
    """The bottom, always."""

    tunables: dict[str, int] = field(default_factory=dict)

    def memory_us(self, policy: "Policy") -> int:
        """Return nothing: it looks at no load."""
        return 0

    def choose(self, policy: "Policy", now_ns: int) -> int:
        """Return the slowest point."""
        return 0


@dataclass(slots=True)
class Userspace:
    """What was written into scaling_setspeed, rounded up to a step."""

    tunables: dict[str, int] = field(default_factory=dict)

    def memory_us(self, policy: "Policy") -> int:
        """Return nothing: it looks at no load."""
        return 0

    def choose(self, policy: "Policy", now_ns: int) -> int:
        """Return the point of the written clock."""
        return policy.point_at_least(policy.in_force.setspeed)


@dataclass(slots=True)
class Schedutil:
    """A quarter above what the busiest CPU needs, at most every `rate_limit_us`."""

    tunables: dict[str, int] = field(default_factory=lambda: {"rate_limit_us": 500})
    _point: int = 0
    _changed_ns: int = -(1 << 62)

    def memory_us(self, policy: "Policy") -> int:
        """Return its rate limit, or how long the average goes on moving if that still matters."""
        ways = {self._wanted(policy, util) for util in (policy.util, policy.goal)}
        return self.tunables["rate_limit_us"] if ways == {self._point} else _AVERAGING_US

    def choose(self, policy: "Policy", now_ns: int) -> int:
        """Return the point that utilization asks for."""
        wanted = self._wanted(policy, policy.util)
        is_late = now_ns - self._changed_ns >= self.tunables["rate_limit_us"] * _NS_PER_US
        if wanted != self._point and is_late:
            self._point, self._changed_ns = wanted, now_ns
        return self._point

    @staticmethod
    def _wanted(policy: "Policy", util: float) -> int:
        return policy.point_at_least(HEADROOM * util * policy.khz[-1])


class Ticking(ABC):
    """A governor with a timer of its own."""

    period: ClassVar[str]  # the tunable that holds the distance of its ticks [µs]
    defaults: ClassVar[dict[str, int]]
    holds: ClassVar[tuple[str, ...]]  # tunables that say for how long it waits [µs]

    def __init__(self) -> None:
        self.tunables = dict(self.defaults)
        self.khz = 0
        self._looked_ns: int | None = None

    def memory_us(self, policy: "Policy") -> int:
        """Return its longest wait, and the ticks in which it comes to rest."""
        waits_us = max(self.tunables[name] for name in self.holds)
        return waits_us + _MOST_TICKS * self.tunables[self.period]

    def choose(self, policy: "Policy", now_ns: int) -> int:
        """Go through the ticks since the last look, or through one at the first."""
        period_ns = max(self.tunables[self.period], 1000) * _NS_PER_US
        since_ns = now_ns - period_ns if self._looked_ns is None else self._looked_ns
        if self._looked_ns is None:
            self.khz = policy.khz[policy.point]
        ticks = min((now_ns - since_ns) // period_ns, _MOST_TICKS)
        if ticks:
            self._looked_ns = now_ns
        demand_khz = policy.demand_khz
        for tick in range(ticks):
            load = min(1.0, demand_khz / self.khz)
            t_ns = now_ns - (ticks - 1 - tick) * period_ns
            point = policy.point_at_least(self.tick(policy, load, t_ns))
            self.khz = policy.khz[policy.clamped(point)]
        return policy.point_at_least(self.khz)

    @abstractmethod
    def tick(self, policy: "Policy", load: float, t_ns: int) -> float:
        """Return the clock that one look at the load [0 to 1] asks for [kHz]."""


class Ondemand(Ticking):
    """To the top above the threshold, else in proportion to the load."""

    period = "sampling_rate"
    defaults: ClassVar[dict[str, int]] = {
        "sampling_rate": 10_000,
        "up_threshold": 95,  # the kernel's with exact idle times [%]
        "sampling_down_factor": 1,
        "ignore_nice_load": 0,
        "io_is_busy": 0,
        "powersave_bias": 0,
    }

    def memory_us(self, policy: "Policy") -> int:
        """Return as long as it may skip looks."""
        skipped = max(self.tunables["sampling_down_factor"], _MOST_TICKS)
        return skipped * self.tunables[self.period]

    def __init__(self) -> None:
        super().__init__()
        self._held = 0  # looks for which the top is still held

    def tick(self, policy: "Policy", load: float, t_ns: int) -> float:
        """Look once; after a jump to the top the next looks may be skipped."""
        if load * 100 > self.tunables["up_threshold"]:
            self._held = self.tunables["sampling_down_factor"]
            return policy.khz[-1]
        self._held -= 1
        if self._held > 0:
            return self.khz
        wanted = policy.khz[0] + load * (policy.khz[-1] - policy.khz[0])
        above = policy.point_at_least(wanted)
        below = policy.point_at_most(wanted)
        nearer_below = wanted - policy.khz[below] < policy.khz[above] - wanted
        return policy.khz[below if nearer_below else above]


class Interactive(Ticking):
    """Up at once, down only after a while (Android's governor until 2018)."""

    period = "timer_rate"
    holds = ("above_hispeed_delay", "min_sample_time")
    defaults: ClassVar[dict[str, int]] = {
        "timer_rate": 20_000,
        "go_hispeed_load": 99,  # [%]
        "hispeed_freq": 0,  # 0: the top [kHz]
        "target_loads": 90,  # [%]
        "above_hispeed_delay": 20_000,
        "min_sample_time": 80_000,
        "timer_slack": 80_000,
        "boost": 0,
    }

    def __init__(self) -> None:
        super().__init__()
        self._floor_khz = 0
        self._floor_ns = 0
        self._hispeed_ns = 0  # since when the clock was last let above hispeed_freq

    def tick(self, policy: "Policy", load: float, t_ns: int) -> float:
        """Look once."""
        wanted = self._wanted(policy, load)
        hispeed_khz = self._hispeed(policy)
        waits = t_ns - self._hispeed_ns < self.tunables["above_hispeed_delay"] * _NS_PER_US
        if self.khz >= hispeed_khz and wanted > self.khz and waits:
            return self.khz
        self._hispeed_ns = t_ns
        holds = t_ns - self._floor_ns < self.tunables["min_sample_time"] * _NS_PER_US
        if wanted < self._floor_khz and holds:
            return self.khz
        self._floor_khz, self._floor_ns = wanted, t_ns
        return wanted

    def _wanted(self, policy: "Policy", load: float) -> int:
        hispeed_khz = self._hispeed(policy)
        needed_khz = load * self.khz * 100 / self.tunables["target_loads"]
        chosen = policy.khz[policy.point_at_least(needed_khz)]
        if load * 100 >= self.tunables["go_hispeed_load"] or self.tunables["boost"]:
            return hispeed_khz if self.khz < hispeed_khz else max(chosen, hispeed_khz)
        if chosen > hispeed_khz > self.khz:  # past hispeed only by way of it
            return hispeed_khz
        return chosen

    def _hispeed(self, policy: "Policy") -> int:
        return self.tunables["hispeed_freq"] or policy.khz[-1]


GOVERNORS: dict[str, type[Governor]] = {
    "interactive": Interactive,
    "ondemand": Ondemand,
    "userspace": Userspace,
    "powersave": Powersave,
    "performance": Performance,
    "schedutil": Schedutil,
}
