"""The paper's figure: accuracy gained against frames gained, with the status quo at (1, 0)."""

from collections.abc import Iterator

from benchmarks.reproductions.nestdnn.curve import Curve
from benchmarks.reproductions.svg import COLORS, Plot, axis_around
from benchmarks.reproductions.table import Figure

_PAPER: tuple[tuple[float, float], ...] = ((2.0, 0.0), (1.0, 4.1), (1.5, 2.6))
_PAPER_MAX: tuple[tuple[float, float], ...] = ((1.9, 0.0), (1.0, 4.2), (1.5, 2.1))


def of(total: Curve, worst: Curve) -> Iterator[Figure]:
    """Yield the figures of one seed."""
    yield _trade("MinTotalCost", total, _PAPER)
    yield _trade("MinMaxCost", worst, _PAPER_MAX)


def _trade(name: str, curve: Curve, paper: tuple[tuple[float, float], ...]) -> Figure:
    ours, theirs, _, _, soft = COLORS
    speedups = [each.speedup for each in curve.scores]
    gains = [each.gain_points for each in curve.scores]
    plot = Plot(
        axis_around("frames, times the status quo's", [*speedups, 1.0, 2.0]),
        axis_around("accuracy gained in points", [*gains, 0.0]),
    )
    plot.line(speedups, gains, ours)
    for alpha, speedup, gain in zip(curve.alphas, speedups, gains, strict=True):
        plot.dot(speedup, gain, ours, title=f"α = {alpha:g}: {speedup:.2f}×, {gain:+.1f}")
    alpha, knee = curve.knee
    plot.dot(knee.speedup, knee.gain_points, ours, 6.0)
    for speedup, gain in paper:
        plot.dot(speedup, gain, theirs, 4.0, "the paper's text")
    plot.dot(1.0, 0.0, soft, 4.0, "status quo")
    plot.name("ours, each α", ours)
    plot.name(f"knee: α = {alpha:g}", ours)
    plot.name("the paper's text", theirs)
    plot.name("status quo", soft)
    return Figure(
        f"{name}: accuracy against frames",
        "From upper left to lower right α grows from 0.003 to 1 point per millisecond. Right of"
        " and above the status quo both are better.",
        plot.svg(),
    )
