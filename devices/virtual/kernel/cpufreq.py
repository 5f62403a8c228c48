"""CPU frequency policies: what a governor chooses between the user's limits and the thermal cap."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from errno import EINVAL

HEADROOM = 1.25  # schedutil aims at a utilization of 80 % [1]
SATURATED = 0.98  # a busy share above this leaves no idle moment [1]
PELT_S = 0.0462  # time constant of the kernel's load average: half-life 32 ms [s]


class Policy:
    """One cluster's clock; utilization is relative to the top clock, 0..1."""

    def __init__(self, cpus: tuple[int, ...], khz: tuple[int, ...], governor: str) -> None:
        self.cpus = cpus
        self.khz = khz  # ascending
        self.governor = governor
        self.min_khz = khz[0]
        self.max_khz = khz[-1]
        self.setspeed_khz = khz[-1]
        self.cap_point = len(khz) - 1  # what the thermal layer allows
        self.point = 0
        self.util = 0.0

    @property
    def limit_khz(self) -> int:
        """The highest clock allowed now: the user's limit or the thermal cap [kHz]."""
        return min(self.max_khz, self.khz[self.cap_point])

    def decide(self) -> int:
        """Choose and return the operating point for the next interval."""
        top = min(self.cap_point, self.point_at_most(self.max_khz))
        floor = min(self.point_at_least(self.min_khz), top)
        self.point = min(max(GOVERNORS[self.governor](self), floor), top)
        return self.point

    def observe(self, busy: float, weight: float) -> None:
        """Take in the busiest CPU's share of the last interval; `weight` is that of the new.

        A kernel looks many times per interval: one that saw no idle moment climbs to the top
        within it, because each look raises the clock by the headroom.
        """
        scaled = 1.0 if busy > SATURATED else busy * self.khz[self.point] / self.khz[-1]
        self.util += (scaled - self.util) * weight

    def point_at_least(self, khz: float) -> int:
        """Return the slowest operating point that reaches `khz`, or the top one."""
        return min(bisect_left(self.khz, khz), len(self.khz) - 1)

    def point_at_most(self, khz: float) -> int:
        """Return the fastest operating point within `khz`, or the lowest one."""
        return max(bisect_right(self.khz, khz) - 1, 0)

    def write(self, key: str, text: str) -> None:
        """Take a user's write to one of this policy's files; raises OSError(EINVAL)."""
        if key == "scaling_governor":
            if text not in GOVERNORS:
                raise OSError(EINVAL, "Invalid argument")
            self.governor = text
            return
        if not text.isdecimal():
            raise OSError(EINVAL, "Invalid argument")
        self._write_khz(key, min(max(int(text), self.khz[0]), self.khz[-1]))

    def _write_khz(self, key: str, khz: int) -> None:
        if key == "scaling_min_freq":
            self.min_khz = min(khz, self.max_khz)
        elif key == "scaling_max_freq":
            self.max_khz = khz
            self.min_khz = min(self.min_khz, khz)
        elif self.governor == "userspace":
            self.setspeed_khz = khz
        else:
            raise OSError(EINVAL, "Invalid argument")


def _schedutil(policy: Policy) -> int:
    return policy.point_at_least(HEADROOM * policy.util * policy.khz[-1])


GOVERNORS: dict[str, Callable[[Policy], int]] = {
    "performance": lambda policy: len(policy.khz) - 1,
    "powersave": lambda _policy: 0,
    "schedutil": _schedutil,
    "userspace": lambda policy: policy.point_at_least(policy.setspeed_khz),
}
