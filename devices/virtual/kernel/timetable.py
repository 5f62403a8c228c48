"""When requests come, where they do not come at a fixed pace: a list of waits, told beforehand."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

_NS_PER_US = 1000


@dataclass(frozen=True, slots=True)
class Timetable:
    """Arrivals after the start of a lane, repeated after `span_ns`."""

    at_ns: tuple[int, ...]  # ascending, since the start
    span_ns: int  # at least the last of them

    @classmethod
    def of(cls, gaps_us: Sequence[int], span_us: int = 0) -> "Timetable":
        """Return the table of some waits [µs]: before the first arrival, then between two.

        Raises:
            ValueError: if nobody ever comes, or the span ends before the last one has come.
        """
        at_ns, now_ns = [], 0
        for gap in gaps_us:
            now_ns += gap * _NS_PER_US
            at_ns.append(now_ns)
        if not now_ns:
            raise ValueError("somebody must come later than at once")
        if span_us and span_us * _NS_PER_US < now_ns:
            raise ValueError(f"the span of {span_us} us ends before the last arrival")
        return cls(tuple(at_ns), span_us * _NS_PER_US or now_ns)

    def due_ns(self, slot: int) -> int:
        """Return when arrival number `slot` comes, since the start [ns]."""
        rounds, place = divmod(slot, len(self.at_ns))
        return rounds * self.span_ns + self.at_ns[place]

    def come(self, now_ns: int) -> int:
        """Return how many have come until `now_ns` since the start."""
        rounds, rest_ns = divmod(max(0, now_ns), self.span_ns)
        return rounds * len(self.at_ns) + bisect_right(self.at_ns, rest_ns)

    def dropped(self, slot: int, now_ns: int, depth: int) -> int:
        """Return how many of those who wait from `slot` on go away: more than `depth` never stay.

        Those who have waited longest go.
        """
        return max(0, self.come(now_ns) - slot - depth)
