"""What a phone is doing while nothing in it changes but heat and charge."""

from typing import Generic, NamedTuple

from devices.virtual.kernel.course import Pace
from devices.virtual.kernel.draw import Asked, draw_of
from devices.virtual.kernel.even_lane import EvenLane
from devices.virtual.kernel.gauge import Gauge, Reading
from devices.virtual.kernel.guard import Calm
from devices.virtual.kernel.warmth import Warm, warmed
from devices.virtual.physics.numbers import N
from devices.virtual.physics.thermal import DIE, HeatFlow


class Rest(NamedTuple):
    """Constants of the intervals in which nobody would choose anything else."""

    asked: Asked[float]
    paces: list[tuple[EvenLane, Pace]]


class Outlook(NamedTuple):
    """How a phone at rest goes on, as long as it stays calm."""

    rest: Rest
    calm: Calm[float]
    stride_ns: int
    most: int  # so many intervals of this length …
    end_ns: int  # … and then others, or none


class Step(NamedTuple, Generic[N]):
    """Where one interval leads."""

    warm: Warm[N]
    part_w: tuple[N, ...]  # per cluster
    phone_w: N
    battery: Reading[N]


def stepped(
    asked: Asked[N],
    gauge: Gauge,
    charge: N,
    flow: HeatFlow,
    warm: Warm[N],
    ambient_c: N,
    dt_s: float,
) -> Step[N]:
    """Return where an interval leads one phone, or each of many of one type."""
    draw = draw_of(asked, gauge, charge, warm.temps_c[DIE], dt_s)
    warm = warmed(flow, warm, draw.heat_w, ambient_c, dt_s)
    return Step(warm, draw.part_w, draw.phone_w, draw.battery)
