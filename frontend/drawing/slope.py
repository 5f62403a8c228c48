"""Who is first at the beginning, and who at the end: two columns and the lines between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from frontend.drawing.chart import COLORS, DASHES, HEIGHT, WIDTH


@dataclass(frozen=True, slots=True)
class Runner:
    """One contender: its names, numbers and places at both ends."""

    label: str
    color: int
    dash: str
    first_rank: int
    late_rank: int
    first_ms: float
    late_ms: float
    d: str
    left: float  # [% from the top]
    right: float

    @property
    def has_moved(self) -> bool:
        """Whether it is in another place at the end."""
        return self.first_rank != self.late_rank


@dataclass(frozen=True, slots=True)
class Slope:
    """A ranking, laid out by rank."""

    workload: str
    minute: int
    has_changed: bool
    runners: tuple[Runner, ...]


def slope_of(ranking: Mapping[str, Any]) -> Slope:
    """Return the layout of a ranking of a report."""
    contenders = ranking["contenders"]
    first_places = sorted(range(len(contenders)), key=lambda k: contenders[k]["first_ms"])
    last_places = sorted(range(len(contenders)), key=lambda k: contenders[k]["late_ms"])
    runners = []
    for number, one in enumerate(contenders):
        left = _row(first_places.index(number), len(contenders))
        right = _row(last_places.index(number), len(contenders))
        runners.append(
            Runner(
                label=one["label"],
                color=one["side"] % COLORS + 1,
                dash=DASHES[number % len(DASHES)],
                first_rank=one["first_rank"],
                late_rank=one["late_rank"],
                first_ms=one["first_ms"],
                late_ms=one["late_ms"],
                d=f"M0 {HEIGHT * left / 100:.1f}L{WIDTH} {HEIGHT * right / 100:.1f}",
                left=left,
                right=right,
            )
        )
    return Slope(ranking["workload"], ranking["minute"], ranking["has_changed"], tuple(runners))


def _row(place: int, count: int) -> float:
    return round(100 * (place + 0.5) / count, 2)
