"""The paper's figures, drawn again with its numbers beside ours."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from benchmarks.analysis.throttling import detect
from benchmarks.analysis.variants import shifting_of
from benchmarks.reproductions.play_it_cool import paper
from benchmarks.reproductions.play_it_cool.heat_map import heat_map
from benchmarks.reproductions.play_it_cool.pair import Pair, need
from benchmarks.reproductions.svg import COLORS, Axis, Plot, axis_around
from benchmarks.reproductions.table import Figure
from benchmarks.solo import Outcome
from benchmarks.trace import Floats

_ZONE = "zone.cluster2.temperature"
_VARIANTS = ("resnet50", "resnet50-0.25")
_BIN_S = 5.0
_TIME = Axis(0.0, paper.DURATION_S, "device time [s]")
_PAPER = "var(--three)"
_SHADE = "var(--shade)"
_ALONE, _SHIFTED = "large alone", "dynamic shifting"


def of(pair: Pair) -> Iterator[Figure]:
    """Yield the panels over time and the distribution of the response."""
    caption = "Shaded: when our large variant alone was throttled. Violet: the paper's own reading."
    yield Figure("CPU temperature", caption, _temperature(pair))
    yield Figure("Clock of the fastest cores", "", _frequency(pair))
    yield Figure("Response", "Idle filling included, loads not.", _response(pair))
    yield Figure("Distribution of the response", "", _distribution(pair))


def _temperature(pair: Pair) -> str:
    y = Axis(35.0, 82.0, "CPU [°C]")
    plot = Plot(_TIME, y)
    _shade(plot, pair.alone, y)
    for outcome, color, name in _both(pair):
        plot.line(*_binned(outcome, _ZONE), color)
        plot.name(name, color)
    for seconds, celsius in paper.CPU_C:
        plot.dot(seconds, celsius, _PAPER, 4.0, f"paper (G): {celsius:g} °C at {seconds} s")
    for start, end in paper.THROTTLED_S:
        plot.bar(start, end, 35.5, 37.0, _PAPER, f"paper (G): throttled {start} to {end} s")
    plot.name("paper, alone (G)", _PAPER)
    return plot.svg()


def _frequency(pair: Pair) -> str:
    y = Axis(0.0, 3.0, "clock [GHz]")
    plot = Plot(_TIME, y)
    _shade(plot, pair.alone, y)
    for outcome, color, name in _both(pair):
        t_s, hertz = _binned(outcome, "cpu.big.frequency")
        plot.line(t_s, [value / 1e9 for value in hertz], color)
        plot.name(name, color)
    return plot.svg()


def _response(pair: Pair) -> str:
    y = Axis(100.0, 300.0, "response [ms]")
    plot = Plot(_TIME, y)
    _shade(plot, pair.alone, y)
    for outcome, color, name in _both(pair):
        found = shifting_of(outcome.trace, _VARIANTS)
        plot.line(*_means(found.t_s, found.response_s * 1000), color)
        plot.name(name, color)
    for seconds in (paper.COOL_S, paper.HOT_S):
        plot.line((0, paper.DURATION_S), (seconds * 1000,) * 2, _PAPER, dash="4 4")
    plot.name("paper: cool, hot (G)", _PAPER)
    return plot.svg()


def _distribution(pair: Pair) -> str:
    plot = Plot(Axis(120.0, 320.0, "response [ms]"), Axis(0.0, 1.02, "share of inferences"))
    for outcome, color, name in _both(pair):
        response = np.sort(shifting_of(outcome.trace, _VARIANTS).response_s) * 1000
        shares = np.linspace(0.005, 0.995, 199)
        plot.line(np.quantile(response, shares).tolist(), shares.tolist(), color)
        plot.name(name, color)
    return plot.svg()


def tradeoff(outcomes: Mapping[str, Outcome]) -> Figure:
    """Return accuracy over mean response, one point per policy."""
    means = [need(outcome, "response_mean_ms") for outcome in outcomes.values()]
    accuracies = [need(outcome, "accuracy_estimate") for outcome in outcomes.values()]
    papers_ms = (paper.MEAN_ALONE_S * 1000, paper.MEAN_SHIFTING_S * 1000)
    papers_accuracy = (paper.ACCURACY_ALONE, paper.ACCURACY_SHIFTING)
    plot = Plot(
        axis_around("mean response [ms]", [*means, *papers_ms], 0.15),
        axis_around("estimated accuracy", [*accuracies, *papers_accuracy], 0.1),
    )
    for index, (name, x, y) in enumerate(zip(outcomes, means, accuracies, strict=True)):
        color = f"hsl({index * 360 // len(outcomes)} 65% 50%)"
        plot.dot(x, y, color, 5.0, f"{name}: {x:.0f} ms, {y:.3f}")
        plot.name(name, color)
    for x, y in zip(papers_ms, papers_accuracy, strict=True):
        plot.dot(x, y, _PAPER, 3.0, f"paper, Table 1 (P): {x:.0f} ms, {y:.3f}")
    plot.name("paper, Table 1 (P)", _PAPER)
    return Figure("What each policy pays and gets", "Up and to the left is better.", plot.svg())


def ablation(outcomes: Mapping[tuple[float, float], Outcome]) -> Figure:
    """Return the mean response over both thresholds as a heat map."""
    cells = {
        key: (need(outcome, "response_mean_ms"), _told(outcome))
        for key, outcome in outcomes.items()
    }
    caption = (
        "Mean response [ms] of an hour; below it the estimated accuracy, and how much of the time "
        "the phone still throttled. The paper chose 73 °C and -0.07."
    )
    svg = heat_map(cells, "t_lim [°C]", "g_lim [°C/s]")
    return Figure("Thresholds of dynamic shifting", caption, svg)


def _told(outcome: Outcome) -> str:
    throttled = need(outcome, "throttled_fraction")
    return f"{need(outcome, 'accuracy_estimate'):.3f} · {throttled:.0%}"


def _both(pair: Pair) -> tuple[tuple[Outcome, str, str], ...]:
    return (pair.alone, COLORS[1], _ALONE), (pair.shifted, COLORS[0], _SHIFTED)


def _shade(plot: Plot, outcome: Outcome, y: Axis) -> None:
    for span in detect(outcome.trace).spans:
        plot.bar(span.start_s, min(span.end_s, paper.DURATION_S), y.low, y.high, _SHADE)


def _binned(outcome: Outcome, name: str) -> tuple[Sequence[float], Sequence[float]]:
    signal = outcome.trace.signals[name].between(0.0, paper.DURATION_S).readings
    return _means(signal.t_s, signal.values)


def _means(t_s: Floats, values: Floats) -> tuple[Sequence[float], Sequence[float]]:
    """Return means over bins of time, for a line that a page can carry."""
    number = (t_s // _BIN_S).astype(np.int64)
    counts = np.bincount(number)
    sums = np.bincount(number, weights=values)
    kept = np.flatnonzero(counts)
    return ((kept + 0.5) * _BIN_S).tolist(), (sums[kept] / counts[kept]).tolist()
