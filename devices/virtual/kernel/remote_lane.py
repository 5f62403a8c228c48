"""A lane whose inferences a peer has a part in: head here, then waiting, then perhaps tail.

Time is counted in shares of the whole work, so whoever paces the lane need not know of the cut.
"""

from dataclasses import replace
from enum import Enum, auto

from devices.agent.messages import FLAG_FINISHED_LOCALLY
from devices.virtual.kernel.course import Pace
from devices.virtual.kernel.even_lane import EvenLane
from devices.virtual.kernel.inference import Inference, Told
from devices.virtual.kernel.lane import HARDLY, NEVER, NS, LaneSettings
from devices.virtual.kernel.trip import Remote, Trip
from devices.virtual.physics.cpu import Work

_LONG_NS = 10 * NS  # no more than the last interval is ever taken back, and none is as long


class _Stage(Enum):
    """Where an inference is."""

    WHOLE = auto()  #: nothing is divided
    HEAD = auto()  #: the phone computes what it will send
    AWAY = auto()  #: the phone waits
    TAIL = auto()  #: the phone goes on from the answer, or without one from what it had sent


class RemoteLane(EvenLane):
    """A lane with a division among its settings."""

    def __init__(
        self, number: int, work: Work, settings: LaneSettings, at_ns: int, seed: int, jitter: float
    ) -> None:
        super().__init__(number, work, settings, at_ns, seed, jitter)
        self._stage = _Stage.WHOLE
        self._trip: Trip | None = None
        self._asked: dict[int, Trip | None] = {}  # by start; outlives what is taken back
        self._head_us: int | None = None
        self._whole = 1.0  # the inference in flight, in undisturbed latencies of the whole work

    @property
    def ended(self) -> bool:
        """True when no inference is in flight, here or away, and none will start."""
        return self._stage is not _Stage.AWAY and super().ended

    @property
    def is_away(self) -> bool:
        """Whether a request is under way."""
        return self._stage is _Stage.AWAY

    def break_off(self, now_ns: int, problem: str) -> None:
        """Give up the request that is under way: its peer is gone."""
        if self._stage is _Stage.AWAY and self._trip and self._trip.end_ns > now_ns:
            self._trip = replace(self._trip, end_ns=now_ns, problem=problem, received=0)

    def forget(self, from_ns: int) -> None:
        """Never have asked anything from an instant on; what was asked before it stays asked."""
        for start_ns in [start_ns for start_ns in self._asked if start_ns >= from_ns]:
            del self._asked[start_ns]

    def change(self, work: Work, settings: LaneSettings, at_ns: int, pause_ns: int = 0) -> None:
        """Use other work or settings from the first inference that starts at `at_ns` or later."""
        if self.is_away:
            self._pending = (work, settings, at_ns, pause_ns)
        else:
            super().change(work, settings, at_ns, pause_ns)

    def run(self, t0_ns: int, t1_ns: int, pace: Pace, out: list[Told]) -> float:
        """Compute from `t0_ns` to `t1_ns` where there is something to compute."""
        now_ns, busy_s = t0_ns, 0.0
        while True:
            if self._stage is _Stage.AWAY:
                assert self._trip is not None
                if self._trip.end_ns >= t1_ns:
                    return busy_s
                now_ns = max(now_ns, self._trip.end_ns)
                self._return(now_ns, pace, out)
            busy_s += super().run(now_ns, t1_ns, pace, out)
            if self._stage is not _Stage.AWAY:
                return busy_s

    def _begin(self, now_ns: int) -> None:
        super()._begin(now_ns)
        division = self.settings.division
        self._trip = self._head_us = None
        self._stage = _Stage.HEAD if division else _Stage.WHOLE
        self._whole = self._left
        if division:
            self._take_up(max(self._whole * division.head_share, HARDLY))

    def _complete(self, now_ns: int, pace: Pace, out: list[Told]) -> None:
        if self._stage is _Stage.HEAD:
            self._leave(now_ns, pace, out)
        else:
            self._finish(now_ns, pace, out)

    def _leave(self, now_ns: int, pace: Pace, out: list[Told]) -> None:
        """Send the blob; where nobody is there, go on at once."""
        division = self.settings.division
        assert division is not None
        self._head_us = (now_ns - self._began_ns) // 1000
        self._trip = self._ask(division.remote, now_ns) or Trip(now_ns, now_ns, "connect")
        self._stage = _Stage.AWAY
        self._left = 0.0
        self._next_ns = NEVER

    def _ask(self, remote: Remote, now_ns: int) -> Trip | None:
        """Ask once: a lane that comes here again, taken back, finds what was answered then."""
        if now_ns not in self._asked:
            for start_ns in [start_ns for start_ns in self._asked if start_ns < now_ns - _LONG_NS]:
                del self._asked[start_ns]
            self._asked[now_ns] = remote.trip(now_ns)
        return self._asked[now_ns]

    def _return(self, now_ns: int, pace: Pace, out: list[Told]) -> None:
        """Take the answer and what is left of the work, or finish without an answer."""
        division = self.settings.division
        assert self._trip is not None
        assert division is not None
        self._next_ns = now_ns
        left = 0.0 if self._trip.problem else division.tail_share
        if self._trip.problem and division.falls_back:
            left = max(1.0 - division.head_share, HARDLY)
        if left:
            self._stage = _Stage.TAIL
            self._take_up(max(self._whole * left, HARDLY))
            return
        self._stage = _Stage.WHOLE
        self._finish(now_ns, pace, out)

    def _finish(self, now_ns: int, pace: Pace, out: list[Told]) -> None:
        trip, head_us = self._trip, self._head_us
        has_fallen_back = trip is not None and trip.problem and self._stage is _Stage.TAIL
        local = FLAG_FINISHED_LOCALLY if has_fallen_back else 0
        self._stage = _Stage.WHOLE
        super()._complete(now_ns, pace, out)
        if trip is not None:
            told = out[-1]
            assert isinstance(told, Inference)
            radio_uj = round(trip.radio_j * 1e6)
            out[-1] = told._replace(
                flags=told.flags | local, uj=told.uj + radio_uj, head_us=head_us, trip=trip
            )
