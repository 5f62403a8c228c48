"""What a phone is doing while nothing in it changes but heat and charge."""

from typing import NamedTuple

from devices.virtual.kernel.course import Pace
from devices.virtual.kernel.draw import Asked, Draw, draw_of
from devices.virtual.kernel.gauge import Gauge
from devices.virtual.kernel.guard import Looks
from devices.virtual.kernel.remote_lane import RemoteLane
from devices.virtual.physics.numbers import N
from devices.virtual.physics.thermal import DIE, PerNode, Stride


class Rest(NamedTuple):
    """Constants of the intervals in which nobody would choose anything else."""

    asked: Asked[float]
    paces: list[tuple[RemoteLane, Pace]]


class Outlook(NamedTuple):
    """How a phone at rest goes on, as long as nobody who looks changes anything."""

    rest: Rest
    limit_c: float  # below: no zone of the kernel is worth a look
    looks: Looks[float] | None  # of the vendor's service
    stride_ns: int
    most: int  # so many intervals of this length …
    end_ns: int  # … and then others, or none


def moved(
    asked: Asked[N],
    gauge: Gauge,
    charge: N,
    stride: Stride[N],
    temps_c: PerNode[N],
    ambient_c: N,
) -> tuple[PerNode[N], Draw[N]]:
    """Return where an interval leads one phone, or each of many of one type, and its power."""
    draw = draw_of(asked, gauge, charge, temps_c[DIE], stride.dt_s)
    return stride.lead(temps_c, draw.heat_w, ambient_c), draw
