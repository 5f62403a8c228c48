"""The paper's figure: accuracy gained against frames gained, with the status quo at (1, 0)."""

from collections.abc import Iterator

from benchmarks.reproductions.drawing import Chart, Look, axis_around
from benchmarks.reproductions.nestdnn.curve import Curve
from benchmarks.reproductions.table import Figure

_PAPER: tuple[tuple[float, float], ...] = ((2.0, 0.0), (1.0, 4.1), (1.5, 2.6))
_PAPER_MAX: tuple[tuple[float, float], ...] = ((1.9, 0.0), (1.0, 4.2), (1.5, 2.1))


def of(total: Curve, worst: Curve) -> Iterator[Figure]:
    """Yield the figures of one seed."""
    yield _trade("MinTotalCost", total, _PAPER, "one")
    yield _trade("MinMaxCost", worst, _PAPER_MAX, "three")


def _trade(name: str, curve: Curve, paper: tuple[tuple[float, float], ...], look: Look) -> Figure:
    speedups = [each.speedup for each in curve.scores]
    gains = [each.gain_points for each in curve.scores]
    chart = Chart(
        axis_around("frames, times the status quo's", [*speedups, 1.0, 2.0]),
        axis_around("accuracy gained in points", [*gains, 0.0]),
    )
    chart.line(speedups, gains, look, f"{name}, each α")
    chart.points(speedups, gains, look)
    chart.points([x for x, _ in paper], [y for _, y in paper], "two", "the paper's text")
    chart.points([1.0], [0.0], "soft", "status quo")
    alpha, knee = curve.knee
    chart.label(knee.speedup, knee.gain_points, f"knee, α = {alpha:g}")
    return Figure(
        f"{name}: accuracy against frames",
        "From upper left to lower right α grows from 0.003 to 1 point per millisecond. Right of"
        " and above the status quo both are better.",
        chart.svg(),
    )
