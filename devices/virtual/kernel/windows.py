"""Two clocks of the memory, chosen every few milliseconds from what moved since the last time."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Windows:
    """The rule of a plan that watches traffic instead of layers."""

    domain: int  # the memory's clock
    low: int  # points
    high: int
    length_ns: int
    most_bytes: float  # of a window; above it the memory goes high


class Watch:
    """Where such a rule is in time, and what it has counted."""

    def __init__(self, rule: Windows, now_ns: int) -> None:
        self.rule = rule
        self.level = rule.high
        self.next_ns = now_ns + rule.length_ns
        self.moved = 0.0  # in the present window [B]

    def look(self, now_ns: int) -> int | None:
        """Close one window that has ended; return when it did [ns], None if none has."""
        if self.next_ns > now_ns:
            return None
        ended_ns = self.next_ns
        self.level = self.rule.high if self.moved > self.rule.most_bytes else self.rule.low
        self.moved = 0.0
        self.next_ns += self.rule.length_ns
        return ended_ns
