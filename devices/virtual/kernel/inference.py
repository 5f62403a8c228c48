"""What a lane has completed: one inference, or many as columns until somebody reads them."""

from collections.abc import Iterable
from itertools import chain, repeat
from operator import attrgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from devices.virtual.kernel.course import Pace
from devices.virtual.kernel.trip import Trip
from devices.virtual.physics.numbers import Many

Instants = NDArray[np.int64]  # [ns]


class Inference(NamedTuple):
    """One completed inference."""

    lane: int
    t_ns: int  # start
    slot: int
    q_us: int  # start minus due time
    lat_us: int
    cpu_us: int
    core: int  # the first CPU it ran on
    threads: int
    uj: int  # energy of its cores and its memory traffic
    flags: int  # 8 = first after a change of work or settings
    end_ns: int
    head_us: int | None = None  # of a divided one: what the phone did before sending
    trip: Trip | None = None


class Succession(NamedTuple):
    """Inferences of one lane at one pace, each of which began where another had ended."""

    lane: int
    slot: int  # of the first
    marks_ns: Instants  # when the first began, and when each ended
    meter_j: Many  # what the lane had drawn until then
    pace: Pace

    @property
    def end_ns(self) -> int:
        """When the last of them ended."""
        return int(self.marks_ns[-1])

    def each(self) -> Iterable[Inference]:
        """Return them one by one."""
        lasted_ns = np.diff(self.marks_ns)
        busy_us = lasted_ns / 1000 * self.pace.threads * self.pace.share
        columns = (
            repeat(self.lane),
            self.marks_ns[:-1].tolist(),
            range(self.slot, self.slot + len(lasted_ns)),
            repeat(0),
            ((lasted_ns + 500) // 1000).tolist(),
            np.rint(busy_us).astype(np.int64).tolist(),
            repeat(self.pace.core),
            repeat(self.pace.threads),
            np.rint(np.diff(self.meter_j) * 1e6).astype(np.int64).tolist(),
            repeat(0),
            self.marks_ns[1:].tolist(),
        )
        return map(Inference, *columns)


Told = Inference | Succession


def one_by_one(told: Iterable[Told]) -> list[Inference]:
    """Return inferences in order of completion."""
    each = ((one,) if isinstance(one, Inference) else one.each() for one in told)
    return sorted(chain.from_iterable(each), key=attrgetter("end_ns"))
