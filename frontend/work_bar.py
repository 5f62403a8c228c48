"""What a network's arithmetic is made of, as a bar: shares of classes of layers, left to right."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.families.layer_classes import CLASSES, Part

WIDTH, HEIGHT = 200, 12


@dataclass(frozen=True, slots=True)
class Segment:
    """One class in the bar's coordinates."""

    name: str
    number: int  # of the color, from 1
    share: float
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class WorkBar:
    """What the template draws."""

    segments: tuple[Segment, ...]
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def words(self) -> str:
        """The bar for those who cannot see it."""
        return ", ".join(f"{100 * one.share:.0f} % {one.name}" for one in self.segments)


def work_bar(parts: Sequence[Part]) -> WorkBar:
    """Return the bar of a network's parts; what has no arithmetic has no place in it."""
    segments = []
    x = 0.0
    for part in parts:
        if part.macs:
            width = WIDTH * part.macs_share
            number = CLASSES.index(part.name) + 1
            segments.append(Segment(part.name, number, part.macs_share, x, width))
            x += width
    return WorkBar(tuple(segments))
