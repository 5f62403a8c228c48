"""What a phone is doing while nothing in it changes but heat and charge."""

from typing import NamedTuple

from devices.virtual.kernel.course import Pace
from devices.virtual.kernel.draw import Asked
from devices.virtual.kernel.lane import Lane


class Rest(NamedTuple):
    """Constants of the intervals in which nobody would choose anything else."""

    asked: Asked[float]
    paces: list[tuple[Lane, Pace]]
