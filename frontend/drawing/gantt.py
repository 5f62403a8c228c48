"""Lanes over time: who was there, how much they had (height) and what they ran (tone)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from frontend.drawing.axis import span_of
from frontend.drawing.chart import COLORS, HEIGHT, WIDTH, Tick

PALEST = 0.25  # opacity


@dataclass(frozen=True, slots=True)
class Block:
    """One stretch of a lane, in the panel's own coordinates."""

    x: float
    y: float
    width: float
    height: float
    opacity: float
    words: str


@dataclass(frozen=True, slots=True)
class Row:
    """One lane."""

    label: str
    color: int
    blocks: tuple[Block, ...]
    told: str


@dataclass(frozen=True, slots=True)
class GanttChart:
    """Lanes, laid out."""

    title: str
    about: str
    x: str
    rows: tuple[Row, ...]
    ticks: tuple[Tick, ...]
    template: ClassVar[str] = "frontend/partials/gantt.html"


def gantt_of(figure: Mapping[str, Any]) -> GanttChart:
    """Return the layout of lanes over time."""
    ends = [stretch["end"] for lane in figure["lanes"] for stretch in lane["stretches"]]
    axis = span_of(max(ends, default=1.0))
    return GanttChart(
        title=figure["title"],
        about=figure["about"],
        x=figure["x"],
        rows=tuple(_row(lane, axis.share) for lane in figure["lanes"]),
        ticks=tuple(Tick(100 * axis.share(t), axis.text(t)) for t in axis.ticks),
    )


def _row(lane: Mapping[str, Any], share: Callable[[float], float]) -> Row:
    blocks = tuple(_block(stretch, share) for stretch in lane["stretches"])
    there = sum(stretch["end"] - stretch["start"] for stretch in lane["stretches"])
    told = f"{lane['label']}: {len(blocks)} stretches, {there:.3g} in all"
    return Row(lane["label"], lane["side"] % COLORS + 1, blocks, told)


def _block(stretch: Mapping[str, Any], share: Callable[[float], float]) -> Block:
    left, right = share(stretch["start"]), share(stretch["end"])
    height = HEIGHT * min(1.0, max(0.0, stretch["height"]))
    return Block(
        round(WIDTH * left, 1),
        round(HEIGHT - height, 1),
        round(WIDTH * (right - left), 1),
        round(height, 1),
        round(PALEST + (1 - PALEST) * stretch["tone"], 2),
        stretch["words"],
    )
