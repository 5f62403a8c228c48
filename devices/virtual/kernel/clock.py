"""A clock that the kernel scales: its steps, what users allow, what heat allows, what is in force.

A write is seen by readers at once and counts a little later, when regulator and PLL have settled.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from errno import EINVAL


@dataclass(frozen=True, slots=True)
class Wish:
    """What users have written."""

    governor: str
    low: int  # in the unit of the steps
    high: int
    setspeed: int


class Clock:
    """One clock domain; which step runs is chosen by a governor at each grid point."""

    def __init__(self, steps: tuple[int, ...], governor: str, delay_ns: int) -> None:
        self.steps = steps  # ascending
        self.cap_point = len(steps) - 1  # what the thermal layer allows
        self.point = 0
        self.wish = Wish(governor, steps[0], steps[-1], steps[-1])
        self.in_force = self.wish
        self.delay_ns = delay_ns
        self._bounds: tuple[Wish | None, int, int] = (None, 0, 0)  # points of these limits
        self._waiting: list[tuple[int, Wish]] = []  # (from when on [ns], what)

    @property
    def limit(self) -> int:
        """The highest step allowed now: the user's limit or the thermal cap."""
        return min(self.wish.high, self.steps[self.cap_point])

    @property
    def due_ns(self) -> int | None:
        """When the oldest write that does not count yet will; None if all do."""
        return self._waiting[0][0] if self._waiting else None

    @property
    def memory_ns(self) -> int:
        """How long the governor may hold on to what it saw before the last change [ns]."""
        return 0

    def clamped(self, point: int) -> int:
        """Return a point cut to what user and heat allow."""
        if self._bounds[0] is not self.in_force:
            wish = self.in_force
            self._bounds = (wish, self.point_at_least(wish.low), self.point_at_most(wish.high))
        _, floor, top = self._bounds
        if top > self.cap_point:
            top = self.cap_point
        return top if point > top or floor > top else floor if point < floor else point

    def point_at_least(self, value: float) -> int:
        """Return the slowest operating point that reaches `value`, or the top one."""
        return min(bisect_left(self.steps, value), len(self.steps) - 1)

    def point_at_most(self, value: float) -> int:
        """Return the fastest operating point within `value`, or the lowest one."""
        return max(bisect_right(self.steps, value) - 1, 0)

    def set_low(self, text: str, now_ns: int) -> None:
        """Write the lower limit; beyond the upper one it is cut to it."""
        self._write(replace(self.wish, low=min(self._step(text), self.wish.high)), now_ns)

    def set_high(self, text: str, now_ns: int) -> None:
        """Write the upper limit; the lower one gives way."""
        high = self._step(text)
        self._write(replace(self.wish, high=high, low=min(self.wish.low, high)), now_ns)

    def set_speed(self, text: str, now_ns: int) -> None:
        """Write what the governor userspace is to run; any other refuses."""
        if self.wish.governor != "userspace":
            raise OSError(EINVAL, "Invalid argument")
        self._write(replace(self.wish, setspeed=self._step(text)), now_ns)

    def set_governor(self, name: str, now_ns: int) -> None:
        """Write the governor; userspace begins with the step that runs."""
        setspeed = self.wish.setspeed
        if name == "userspace" and self.wish.governor != name:
            setspeed = self.steps[self.point]
        self._write(replace(self.wish, governor=name, setspeed=setspeed), now_ns)

    def set_all(self, wish: Wish, now_ns: int) -> None:
        """Write everything at once, as a service does that knows what it wants."""
        self._write(wish, now_ns)

    def settle(self, now_ns: int) -> bool:
        """Let what has waited long enough count; return whether anything did."""
        has_changed = False
        while self._waiting and self._waiting[0][0] <= now_ns:
            self.in_force = self._waiting.pop(0)[1]
            has_changed = True
        return has_changed

    def _write(self, wish: Wish, now_ns: int) -> None:
        self.wish = wish
        self._waiting.append((now_ns + self.delay_ns, wish))

    def _step(self, text: str) -> int:
        """Return a written number, cut to the range of the steps; raises OSError(EINVAL)."""
        if not text.isdecimal() or not text.isascii():
            raise OSError(EINVAL, "Invalid argument")
        return min(max(int(text), self.steps[0]), self.steps[-1])
