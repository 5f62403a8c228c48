"""Where many intervals lead one phone: numbers in a table, looked at only where somebody asks."""

from typing import NamedTuple, cast

from devices.virtual.kernel.gauge import Reading
from devices.virtual.kernel.warmth import Warm
from devices.virtual.physics.numbers import Many
from devices.virtual.physics.thermal import DIE, NODES, Temperatures

_IN, _LOST, _PARTS = len(NODES), len(NODES) + 1, len(NODES) + 2
_PHONE, _BATTERY = -4, slice(-3, None)


class Step(NamedTuple):
    """Where one interval has led."""

    warm: Warm
    part_w: tuple[float, ...]  # per cluster
    phone_w: float
    battery: Reading[float]


class Track(NamedTuple):
    """Intervals of one length, a row for each.

    A row has the nodes' temperatures, heat in and lost, power per cluster and of the phone, and
    what the gauge reads.
    """

    rows: Many
    stride_ns: int

    @property
    def dies_c(self) -> Many:
        """The temperature of the die at the end of each interval [°C]."""
        column: Many = self.rows[:, DIE]
        return column

    def part(self, first: int, count: int) -> "Track":
        """Return intervals on their own, without the table that they come from."""
        return Track(self.rows[first:count].copy(), self.stride_ns)

    def step(self, index: int) -> Step:
        """Return where an interval led."""
        row: list[float] = self.rows[index].tolist()
        temps_c = cast(Temperatures, tuple(row[:_IN]))
        return Step(
            Warm(temps_c, row[_IN], row[_LOST]),
            tuple(row[_PARTS:_PHONE]),
            row[_PHONE],
            Reading(*row[_BATTERY]),
        )
