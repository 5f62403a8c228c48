"""Turns of lanes that have shares of the time: one inference at a time, by weight.

Stride scheduling: who waits and has used least of the time for its share comes next. A turn that
nobody takes is not kept: whoever waits gets it, and who comes back later has saved nothing up.
"""

from threading import Condition

WHOLE_PM = 1000


class Turns:
    """Who computes now, and who comes next."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._waiting: dict[int, float] = {}  # lane -> what it has used for its share [s]
        self._used: dict[int, float] = {}
        self._now = 0.0  # what whoever computes had used before
        self._holder: int | None = None

    def take(self, lane: int) -> None:
        """Wait until it is this lane's turn."""
        with self._changed:
            self._queue(lane)
            self._changed.wait_for(lambda: self._holder is None and self._next() == lane)
            self._now = self._waiting.pop(lane)
            self._holder = lane

    def give_back(self, lane: int, seconds: float, share_pm: int, *, is_back: bool) -> None:
        """End a turn that took so long; a lane that is back at once waits from now on.

        Without that, two lanes would simply alternate: in the moment in which a turn ends, only
        the other one waits.
        """
        with self._changed:
            self._holder = None
            self._used[lane] = self._now + seconds * WHOLE_PM / share_pm
            if is_back:
                self._queue(lane)
            self._changed.notify_all()

    def step_out(self, lane: int) -> None:
        """Wait no more for now."""
        with self._changed:
            self._waiting.pop(lane, None)
            self._changed.notify_all()

    def leave(self, lane: int) -> None:
        """End whatever turn there is, wait no more, and forget what was used."""
        with self._changed:
            self._used.pop(lane, None)
            if self._holder == lane:
                self._holder = None
        self.step_out(lane)

    def _queue(self, lane: int) -> None:
        self._waiting.setdefault(lane, max(self._used.get(lane, 0.0), self._now))

    def _next(self) -> int:
        return min(self._waiting, key=lambda lane: (self._waiting[lane], lane))
