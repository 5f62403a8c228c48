"""The paper's figure: accuracy gained against frames gained, with the status quo at (1, 0)."""

from collections.abc import Iterator, Mapping, Sequence

from benchmarks.reproductions.nestdnn.curve import Curve
from benchmarks.reproductions.svg import COLORS, Plot, axis_around
from benchmarks.reproductions.table import Figure

#: Per scheme: frames over the status quo's, and points of accuracy, as the paper's text has them.
_PAPER: Mapping[str, Sequence[tuple[float, float]]] = {
    "MinTotalCost": ((2.0, 0.0), (1.0, 4.1), (1.5, 2.6)),
    "MinMaxCost": ((1.9, 0.0), (1.0, 4.2), (1.5, 2.1)),
}


def of(total: Curve, worst: Curve) -> Iterator[Figure]:
    """Yield the figures of one seed."""
    yield trade("MinTotalCost", total)
    yield trade("MinMaxCost", worst)


def trade(scheme: str, curve: Curve, where: str = "") -> Figure:
    """Return the figure of one scheme."""
    ours, theirs, _, _, soft = COLORS
    speedups = [each.speedup for each in curve.scores]
    gains = [each.gain_points for each in curve.scores]
    plot = Plot(
        axis_around("frames, times the status quo's", [*speedups, 1.0, 2.0]),
        axis_around("accuracy gained in points", [*gains, 0.0]),
    )
    plot.line(speedups, gains, ours)
    for alpha, speedup, gain in zip(curve.alphas, speedups, gains, strict=True):
        plot.dot(speedup, gain, ours, title=f"α = {alpha:.3g}: {speedup:.2f}×, {gain:+.1f}")
    alpha, knee = curve.knee
    plot.dot(knee.speedup, knee.gain_points, ours, 6.0)
    for speedup, gain in _PAPER[scheme]:
        plot.dot(speedup, gain, theirs, 4.0, "the paper's text")
    plot.dot(1.0, 0.0, soft, 4.0, "status quo")
    plot.name("ours, each α", ours)
    plot.name(f"knee: α = {alpha:.3g}", ours)
    plot.name("the paper's text", theirs)
    plot.name("status quo", soft)
    return Figure(
        f"{scheme}{where}: accuracy against frames",
        f"From upper left to lower right α grows from {curve.alphas[0]:.3g} to"
        f" {curve.alphas[-1]:.3g} points per millisecond. Right of and above the status quo both"
        " are better.",
        plot.svg(),
    )
