"""Whole inferences out of the segments that a phone tells, with the clocks that were asked for."""

from dataclasses import dataclass

from benchmarks.policies.base import SegmentRow
from benchmarks.policies.dvfs.stage import Stage


@dataclass(frozen=True, slots=True)
class Told:
    """One planned inference."""

    points: tuple[int, ...]  # of the stage's table, per segment
    seconds: tuple[float, ...]  # what each segment took


class Gathering:
    """Puts segments together as they come; an inference with a gap in it is left out."""

    def __init__(self, stage: Stage, segments: int) -> None:
        self._stage = stage
        self._segments = segments
        self._rows: list[SegmentRow] = []

    def add(self, row: SegmentRow) -> Told | None:
        """Return the inference that this segment completes, at clocks that were rehearsed."""
        if row.number == 0:
            self._rows = []
        self._rows.append(row)
        rows = self._rows
        if [each.number for each in rows] != list(range(self._segments)):
            return None
        points = [self._stage.point_of(each.core, each.memory) for each in rows]
        known = tuple(point for point in points if point is not None)
        if len(known) != len(points):
            return None
        return Told(known, tuple(each.seconds for each in rows))
