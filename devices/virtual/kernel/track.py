"""Where many intervals lead one phone: numbers in a table, looked at only where somebody asks."""

from collections.abc import Sequence
from typing import NamedTuple, cast

import numpy as np

from devices.virtual.kernel.gauge import Reading
from devices.virtual.kernel.rest import Step
from devices.virtual.kernel.warmth import Warm
from devices.virtual.physics.numbers import Many
from devices.virtual.physics.thermal import DIE, NODES, Temperatures

_IN, _LOST, _PARTS = len(NODES), len(NODES) + 1, len(NODES) + 2
_PHONE, _BATTERY = -4, slice(-3, None)


class Track(NamedTuple):
    """Intervals of one length, a row for each."""

    rows: Many
    stride_ns: int

    @property
    def dies_c(self) -> Many:
        """The temperature of the die at the end of each interval [°C]."""
        column: Many = self.rows[:, DIE]
        return column

    def step(self, index: int) -> Step[float]:
        """Return where an interval led."""
        row: list[float] = self.rows[index].tolist()
        temps_c = cast(Temperatures, tuple(row[:_IN]))
        return Step(
            Warm(temps_c, row[_IN], row[_LOST]),
            tuple(row[_PARTS:_PHONE]),
            row[_PHONE],
            Reading(*row[_BATTERY]),
        )


def tracks_of(steps: Sequence[Step[Many]], stride_ns: int) -> list[Track]:
    """Return the track of each phone."""
    table = np.array(
        [(*s.warm.temps_c, *s.warm[1:], *s.part_w, s.phone_w, *s.battery) for s in steps]
    )
    return [Track(rows, stride_ns) for rows in np.ascontiguousarray(table.transpose(2, 0, 1))]
