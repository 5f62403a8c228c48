"""A vendor's power service: whatever somebody sets, it puts back behind their back."""

from collections.abc import Sequence

from devices.virtual.kernel.clock import Clock

PATIENCE_S = 3.0  # how long it lets a foreign setting stand, unless the phone's file says
_NS_PER_S = 1_000_000_000


class PowerService:
    """Looks at every clock's settings, and restores those of boot after a while."""

    def __init__(self, clocks: Sequence[Clock], patience_s: float | None) -> None:
        self.is_on = patience_s is not None
        self._patience_ns = round((patience_s or PATIENCE_S) * _NS_PER_S)
        self._own = [(clock, clock.wish) for clock in clocks]
        self._since_ns: dict[int, int] = {}  # place of a clock -> since when it is foreign

    @property
    def is_content(self) -> bool:
        """Whether there is nothing that it is about to put back."""
        return not (self.is_on and self._since_ns)

    def put_all_back(self, now_ns: int) -> None:
        """Restore everything at once, as a boot does."""
        self._since_ns.clear()
        for clock, own in self._own:
            clock.set_all(own, now_ns)

    def look(self, now_ns: int) -> None:
        """Put back what has been foreign for long enough."""
        for place, (clock, own) in enumerate(self._own):
            if (clock.wish.governor, clock.wish.low, clock.wish.high) == (
                own.governor, own.low, own.high
            ):  # fmt: skip
                self._since_ns.pop(place, None)
            elif now_ns - self._since_ns.setdefault(place, now_ns) >= self._patience_ns:
                clock.set_all(own, now_ns)
                del self._since_ns[place]
