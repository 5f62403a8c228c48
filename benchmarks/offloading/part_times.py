"""What parts of a network take on one machine: as measured, for the others what lies between."""

from dataclasses import dataclass, field

import numpy as np

_SHORTEST_S = 1e-6  # what agents and servers can tell from nothing [s]


@dataclass(slots=True)
class PartTimes:
    """Seconds by how much of the work is done; time is not proportional to work.

    Clocks rise only while a phone computes, layers differ, and a part that follows a wait begins
    cold. So each part that was measured is remembered for itself.
    """

    unit_s: float  # of one unit of work, until something was measured [s]
    _measured: dict[float, float] = field(default_factory=dict, init=False, compare=False)

    @property
    def is_measured(self) -> bool:
        """Whether anything was."""
        return bool(self._measured)

    def of(self, work: float) -> float:
        """Return how long so much of the work takes [s]."""
        if not self._measured:
            return work * self.unit_s
        known = sorted(self._measured.items())
        most, longest_s = known[-1]
        if work >= most:
            return longest_s * work / most
        works, seconds = zip((0.0, 0.0), *known, strict=True)
        return float(np.interp(work, works, seconds))

    def learn(self, work: float, seconds: float, share: float) -> None:
        """Take in a measurement; its share is how much of what was believed it replaces [1].

        What has changed since the same part was measured last is heat, the room or a busy
        machine, and they change the others as well.
        """
        seconds = max(seconds, _SHORTEST_S)
        before_s = self._measured.get(work)
        if before_s is None:
            self._measured[work] = seconds
            return
        change = 1.0 + share * (seconds / before_s - 1.0)
        for known in self._measured:
            self._measured[known] *= change
