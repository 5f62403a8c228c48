"""Bars that lie on one scale, made of parts, with a mark where something else says they end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

from frontend.drawing.axis import axis_of
from frontend.drawing.chart import COLORS, Tick


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a bar [% of the scale]."""

    color: int
    start: float
    length: float


@dataclass(frozen=True, slots=True)
class Drawbar:
    """One bar, laid out."""

    label: str
    words: str
    pieces: tuple[Piece, ...]
    mark: float | None
    told: str  # for people who do not see it


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars, laid out."""

    title: str
    about: str
    unit: str
    mark: str
    parts: tuple[tuple[int, str], ...]  # color and name; one alone needs no legend
    bars: tuple[Drawbar, ...]
    zero: float
    ticks: tuple[Tick, ...]
    template: ClassVar[str] = "frontend/partials/bars.html"


def bars_of(figure: Mapping[str, Any]) -> BarChart:
    """Return the layout of a figure of bars."""
    parts, bars = figure["parts"], figure["bars"]
    ends = [end for bar in bars for end in (*_ends(bar["values"]), bar["mark"]) if end is not None]
    axis = axis_of(ends, 5, from_zero=True)
    is_stack = len(parts) > 1
    return BarChart(
        title=figure["title"],
        about=figure["about"],
        unit=figure["unit"],
        mark=figure["mark"],
        parts=tuple((k % COLORS + 1, name) for k, name in enumerate(parts)) if is_stack else (),
        bars=tuple(_bar(bar, axis.share, figure, is_stack=is_stack) for bar in bars),
        zero=100 * axis.share(0.0),
        ticks=tuple(Tick(100 * axis.share(t), axis.text(t)) for t in axis.ticks),
    )


def _ends(values: list[float]) -> list[float]:
    """Return where the parts end, the last one first from zero."""
    ends, end = [0.0], 0.0
    for value in values:
        end += value
        ends.append(end)
    return ends


def _bar(
    bar: Mapping[str, Any],
    share: Callable[[float], float],
    figure: Mapping[str, Any],
    *,
    is_stack: bool,
) -> Drawbar:
    ends = _ends(bar["values"])
    pieces = []
    for k, (start, end) in enumerate(pairwise(ends)):
        left, right = sorted((100 * share(start), 100 * share(end)))
        color = (k if is_stack else bar["side"]) % COLORS + 1
        pieces.append(Piece(color, left, right - left))
    named = zip(figure["parts"], bar["values"], strict=True)
    told = ", ".join(f"{name} {value:.3g} {figure['unit']}" for name, value in named)
    mark = bar["mark"]
    if mark is not None:
        told += f"; {figure['mark']} {mark:.3g} {figure['unit']}"
    return Drawbar(
        bar["label"],
        bar["words"],
        tuple(pieces),
        None if mark is None else 100 * share(mark),
        f"{bar['label']}: {told}",
    )
