"""Clocks of memory and GPU: levels in the node's own unit, and the governors of devfreq."""

from collections.abc import Callable
from dataclasses import dataclass, field
from errno import EINVAL

from devices.virtual.kernel.bw_hwmon import BwHwmon
from devices.virtual.kernel.clock import Clock

GPU_ACTUATION_NS = 5_000_000
MEMORY_ACTUATION_NS = 8_000_000
_MOST_TICKS = 20  # under constant demand every rule has come to rest by then
NEVER = 1 << 62
_TZ_BUSY = 0.9  # the adreno rule goes one level up above this load [1] …
_TZ_IDLE = 0.7  # … and one down if the level below would stay under this one [1]


@dataclass(slots=True)
class Tunables:
    """Numbers of the governors."""

    upthreshold: int = 90  # of simple_ondemand [%]
    downdifferential: int = 5
    polling_interval: int = 50  # [ms]
    hwmon: BwHwmon = field(default_factory=BwHwmon)


class Domain(Clock):
    """One devfreq device."""

    def __init__(
        self, node: str, steps: tuple[int, ...], governor: str, others: tuple[str, ...],
        delay_ns: int,
    ) -> None:  # fmt: skip
        if governor not in GOVERNORS:
            raise ValueError(f"{node}: no governor {governor!r}; there are {', '.join(GOVERNORS)}")
        super().__init__(steps, governor, delay_ns)
        self.node = node
        self.point = len(steps) - 1  # as the boot loader left it
        self.governors = tuple(dict.fromkeys((governor, *others, *FIXED)))
        self.tunables = Tunables()
        self.floor_point = 0  # what other parts of the chip vote for
        self._looked_ns: int | None = None
        self._demand = 0.0  # of the last interval, in the unit of the steps; inf: never enough

    def decide(self, now_ns: int) -> int:
        """Choose and return the operating point for the next interval."""
        if self._waiting:
            self.settle(now_ns)
        name = self.in_force.governor
        if name in FIXED:
            self.point = self.clamped(GOVERNORS[name](self, self.point, 0.0))
            return self.point
        level, rule, floor = self.point, GOVERNORS[name], self.floor_point
        for _ in range(self._ticks(now_ns)):
            demand, before = self._demand, level
            level = rule(self, level, min(1.0, demand / self.steps[level]) if demand else 0.0)
            level = self.clamped(level if level > floor else floor)
            if level == before and name != REMEMBERING:
                break  # under constant demand nothing more will happen
        self.point = self.clamped(level if level > floor else floor)
        return self.point

    @property
    def memory_ns(self) -> int:
        """How long the governor may hold on to what it saw before the last change [ns]."""
        is_moving = self.in_force.governor == REMEMBERING and not self.tunables.hwmon.is_settled
        return NEVER if is_moving else self.tunables.polling_interval * 1_000_000

    def observe(self, load: float) -> None:
        """Take in how busy the last interval was at the present level [0 to 1]."""
        self._demand = load * self.steps[self.point] if load < 1.0 else float("inf")

    def write(self, key: str, text: str, now_ns: int) -> None:
        """Take a user's write to one of the node's files; raises OSError(EINVAL)."""
        match key:
            case "governor":
                if text not in self.governors:
                    raise OSError(EINVAL, "Invalid argument")
                self.set_governor(text, now_ns)
            case "min_freq":
                self.set_low(text, now_ns)
            case "max_freq":
                self.set_high(text, now_ns)
            case _:
                self.set_speed(text, now_ns)

    def _ticks(self, now_ns: int) -> int:
        """Return how often the governor has looked since the last call, once at the first."""
        period_ns = self.tunables.polling_interval * 1_000_000
        if self._looked_ns is None:
            self._looked_ns = now_ns
            return 1
        ticks = (now_ns - self._looked_ns) // period_ns
        self._looked_ns += ticks * period_ns
        return min(ticks, _MOST_TICKS)


def simple_ondemand(domain: Domain, level: int, load: float) -> int:
    """Return the level at which the load is a little below the threshold."""
    up, down = domain.tunables.upthreshold, domain.tunables.downdifferential
    if load * 100 > up:
        return len(domain.steps) - 1
    if load * 100 > up - down:
        return level
    return domain.point_at_least(load * domain.steps[level] * 100 / (up - down / 2))


def bw_hwmon(domain: Domain, level: int, load: float) -> int:
    """Return the level that offers several times the traffic that was measured."""
    return domain.point_at_least(domain.tunables.hwmon.vote(load * domain.steps[level]))


def adreno_tz(domain: Domain, level: int, load: float) -> int:
    """Return one level up or down, or this one.

    In the manner of msm-adreno-tz, whose rule runs in the secure world and is not public.
    """
    if load > _TZ_BUSY:
        return min(level + 1, len(domain.steps) - 1)
    if level and load * domain.steps[level] / domain.steps[level - 1] < _TZ_IDLE:
        return level - 1
    return level


Rule = Callable[[Domain, int, float], int]  # (domain, level, load 0..1) -> level
REMEMBERING = "bw_hwmon"  # looks at more than the present load
FIXED = ("userspace", "powersave", "performance")
GOVERNORS: dict[str, Rule] = {
    "simple_ondemand": simple_ondemand,
    "bw_hwmon": bw_hwmon,
    "msm-adreno-tz": adreno_tz,
    "userspace": lambda domain, _level, _load: domain.point_at_least(domain.in_force.setspeed),
    "powersave": lambda _domain, _level, _load: 0,
    "performance": lambda domain, _level, _load: len(domain.steps) - 1,
}
