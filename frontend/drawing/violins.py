"""Distributions side by side: as wide as values are frequent, with the middle marked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

from frontend.drawing.axis import Axis, axis_of
from frontend.drawing.chart import COLORS, HEIGHT, WIDTH, Tick

STEPS = 160  # places at which a violin's width is taken
BLUR = 1.6  # [steps]


@dataclass(frozen=True, slots=True)
class Violin:
    """One distribution."""

    label: str
    color: int
    d: str
    low: float  # the 5th percentile, the median and the 95th [% of the axis]
    middle: float
    high: float
    words: str


@dataclass(frozen=True, slots=True)
class ViolinChart:
    """Distributions on one scale."""

    title: str
    about: str
    unit: str
    violins: tuple[Violin, ...]
    ticks: tuple[Tick, ...]
    template: ClassVar[str] = "frontend/partials/violins.html"


def violins_of(figure: Mapping[str, Any]) -> ViolinChart:
    """Return the layout of distributions."""
    ends = [spread["quantiles"][k] for spread in figure["spreads"] for k in (0, -1)]
    axis = axis_of(ends, 6)
    return ViolinChart(
        title=figure["title"],
        about=figure["about"],
        unit=figure["unit"],
        violins=tuple(_violin(spread, axis, figure["unit"]) for spread in figure["spreads"]),
        ticks=tuple(Tick(100 * axis.share(t), axis.text(t)) for t in axis.ticks),
    )


def _violin(spread: Mapping[str, Any], axis: Axis, unit: str) -> Violin:
    quantiles = spread["quantiles"]
    low, middle, high = (_at(quantiles, share) for share in (0.05, 0.5, 0.95))
    return Violin(
        spread["label"],
        spread["side"] % COLORS + 1,
        _outline(quantiles, axis),
        100 * axis.share(low),
        100 * axis.share(middle),
        100 * axis.share(high),
        f"median {middle:.4g} {unit}, 90 % from {low:.4g} to {high:.4g}",
    )


def _at(quantiles: Sequence[float], share: float) -> float:
    place = share * (len(quantiles) - 1)
    below = min(int(place), len(quantiles) - 2)
    return quantiles[below] + (place - below) * (quantiles[below + 1] - quantiles[below])


def _outline(quantiles: Sequence[float], axis: Axis) -> str:
    """Return the shape as path data: density over the axis, above and below its middle line."""
    counts = [0.0] * STEPS
    for before, after in pairwise(quantiles):
        left, right = (axis.share(value) * STEPS for value in (before, after))
        for step in range(max(0, int(left)), min(STEPS - 1, int(right)) + 1):
            inside = min(step + 1.0, right) - max(float(step), left)
            counts[step] += inside / (right - left) if right - left > 1e-9 else 1.0
    widths = _blurred(counts)
    most = max(widths) or 1.0
    shown = [k for k, width in enumerate(widths) if width > most / 200]
    xs = [WIDTH * (k + 0.5) / STEPS for k in shown]
    ys = [0.48 * HEIGHT * widths[k] / most for k in shown]
    there = [f"{x:.0f} {HEIGHT / 2 - y:.0f}" for x, y in zip(xs, ys, strict=True)]
    back = [f"{x:.0f} {HEIGHT / 2 + y:.0f}" for x, y in zip(xs, ys, strict=True)]
    return f"M{'L'.join([*there, *reversed(back)])}Z"


def _blurred(counts: Sequence[float]) -> list[float]:
    reach = range(-3, 4)
    weights = [2.718281828 ** (-0.5 * (k / BLUR) ** 2) for k in reach]
    padded = [0.0] * 3 + list(counts) + [0.0] * 3
    return [
        sum(w * padded[k + 3 + d] for w, d in zip(weights, reach, strict=True))
        for k in range(len(counts))
    ]
