"""Who is first at the beginning, who at the end, and how they changed places between."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
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
    minutes_apart: int  # so many minutes had another order than the first
    runners: tuple[Runner, ...]


def slope_of(ranking: Mapping[str, Any]) -> Slope:
    """Return the layout of a ranking of a report."""
    contenders = ranking["contenders"]
    places = _places(contenders)
    runners = []
    for number, one in enumerate(contenders):
        rows = [_row(minute.index(number), len(contenders)) for minute in places]
        runners.append(
            Runner(
                label=one["label"],
                color=one["side"] % COLORS + 1,
                dash=DASHES[number % len(DASHES)],
                first_rank=one["first_rank"],
                late_rank=one["late_rank"],
                first_ms=one["first_ms"],
                late_ms=one["late_ms"],
                d=_path(rows),
                left=rows[0],
                right=rows[-1],
            )
        )
    return Slope(
        ranking["workload"],
        ranking["minute"],
        ranking["has_changed"],
        ranking["minutes_apart"],
        tuple(runners),
    )


def _places(contenders: Sequence[Mapping[str, Any]]) -> list[list[int]]:
    """Return the order of each minute; who shares a place stays where it was."""
    order = sorted(range(len(contenders)), key=lambda k: contenders[k]["first_ms"])
    found = []
    for minute in range(max(2, len(contenders[0]["ranks"]))):
        at = min(minute, len(contenders[0]["ranks"]) - 1)
        before = {number: place for place, number in enumerate(order)}
        ranks = {k: contenders[k]["ranks"][at] for k in order}
        # Who did nothing in a minute keeps its place.
        order = sorted(order, key=lambda k: (ranks[k] or before[k] + 1, before[k]))
        found.append(order)
    return found


def _path(rows: Sequence[float]) -> str:
    """Return a line through the places of all minutes, turning softly where they change."""
    step = WIDTH / (len(rows) - 1)
    parts = [f"M0 {HEIGHT * rows[0] / 100:.1f}"]
    for minute, (before, after) in enumerate(pairwise(rows)):
        x, middle = step * (minute + 1), step * (minute + 0.5)
        y, y_before = HEIGHT * after / 100, HEIGHT * before / 100
        if before == after:
            parts.append(f"H{x:.1f}")
        else:
            parts.append(f"C{middle:.1f} {y_before:.1f} {middle:.1f} {y:.1f} {x:.1f} {y:.1f}")
    return "".join(parts)


def _row(place: int, count: int) -> float:
    return round(100 * (place + 0.5) / count, 2)
