"""What a comparison of shifting runs shows: pace and size over time, and what theory allows."""

from collections.abc import Sequence

from benchmarks.catalog.choosing import middle_ones
from benchmarks.catalog.distribution import distribution
from benchmarks.figures import (
    Bar,
    Bars,
    Cell,
    Drawing,
    Figure,
    HeatMap,
    Line,
    Panel,
    Subject,
    Violins,
)

_MEAN = "response_mean_ms"


def shifting_figures(subjects: Sequence[Subject]) -> Sequence[Drawing]:
    """Return the figures of these runs; one run stands for each side and device."""
    curved = [subject for subject in subjects if subject.details.get("response_by_minute_ms")]
    chosen = middle_ones(curved, _MEAN)
    return (
        *_minutes(chosen),
        *_gains(subjects),
        *_tradeoff(subjects),
        *_ablation(subjects),
        *_spreads(chosen),
    )


def _minutes(subjects: Sequence[Subject]) -> Sequence[Figure]:
    response = [_line(subject, "response_by_minute_ms") for subject in subjects]
    if not any(line.x for line in response):
        return ()
    large = [_line(subject, "large_by_minute", 100.0) for subject in subjects]
    about = (
        "Mean response of each minute, injected idle included and loads not, above the share of "
        "inferences that ran the largest variant. Marked: the throttled stretches."
    )
    panels = (
        Panel("Response", "ms", tuple(response)),
        Panel("Largest variant", "%", tuple(large)),
    )
    return (Figure("Minute by minute", about, "minutes under load", panels),)


def _line(subject: Subject, detail: str, scale: float = 1.0) -> Line:
    minutes = subject.details.get(detail) or []
    throttled = subject.details.get("throttled") or []
    return Line(
        label=subject.label,
        side=subject.side,
        x=tuple(minute + 0.5 for minute in range(len(minutes))),
        y=tuple(None if value is None else value * scale for value in minutes),
        run=subject.run,
        bands=tuple((start / 60, end / 60) for start, end in throttled),
    )


def _gains(subjects: Sequence[Subject]) -> Sequence[Bars]:
    """Draw what each policy gained on each device, beside what theory allows there."""
    bars = []
    for device in dict.fromkeys(subject.device for subject in subjects):
        here = [subject for subject in subjects if subject.device == device]
        alone = [subject for subject in here if _is_alone(subject)]
        if not alone or len(alone) == len(here):
            continue
        usual_ms = _mean(alone, _MEAN)
        possible = _mean(alone, "possible_gain")
        for label in dict.fromkeys(s.label for s in here if not _is_alone(s)):
            mine = [subject for subject in here if subject.label == label]
            took_ms = _mean(mine, _MEAN)
            if usual_ms and took_ms:
                bars.append(_gain(mine[0], 100 * (1 - took_ms / usual_ms), possible))
    if not bars:
        return ()
    about = (
        "By how much the mean response is shorter than that of the large variant alone on the same "
        "device, injected idle included. The mark is φ·(1 − 1/k) of the runs alone: what holding "
        "their cool latency would gain. Where nothing throttled there is nothing to gain."
    )
    return (Bars("Gain beside theory", about, "%", ("gain",), tuple(bars), "φ·(1 − 1/k)"),)


def _gain(subject: Subject, gain: float, possible: float | None) -> Bar:
    if possible is None:
        return Bar(subject.label, subject.side, (gain,), 0.0, f"{gain:+.1f} %; does not throttle")
    words = f"{gain:+.1f} %, theory {100 * possible:.1f} %"
    return Bar(subject.label, subject.side, (gain,), 100 * possible, words)


def _tradeoff(subjects: Sequence[Subject]) -> Sequence[Figure]:
    lines = [
        Line(label, side, tuple(x for x, _ in points), tuple(y for _, y in points), is_cloud=True)
        for label, side, points in _points(subjects)
        if points
    ]
    if len(lines) < 2:
        return ()
    about = "Each dot is a run. Up and to the left is better."
    panel = Panel("Estimated accuracy", "%", tuple(lines), starts_at_zero=False)
    return (Figure("What each pays and gets", about, "mean response [ms]", (panel,)),)


def _points(
    subjects: Sequence[Subject],
) -> list[tuple[str, int, list[tuple[float, float]]]]:
    found = []
    for label in dict.fromkeys(subject.label for subject in subjects):
        mine = [subject for subject in subjects if subject.label == label]
        pairs = [(one.metrics.get(_MEAN), one.metrics.get("accuracy_estimate")) for one in mine]
        known = [(x, 100 * y) for x, y in pairs if x is not None and y is not None]
        found.append((label, mine[0].side, known))
    return found


def _ablation(subjects: Sequence[Subject]) -> Sequence[HeatMap]:
    """Draw the mean response over both thresholds, where several of each were tried."""
    keys = {subject.run: _thresholds(subject) for subject in subjects}
    tried = sorted({key for key in keys.values() if key is not None})
    if len(tried) < 2:
        return ()
    xs, ys = sorted({t for t, _ in tried}), sorted({g for _, g in tried})
    cells = []
    for t_lim, g_lim in tried:
        mine = [subject for subject in subjects if keys[subject.run] == (t_lim, g_lim)]
        mean_ms = _mean(mine, _MEAN)
        if mean_ms is not None:
            accuracy = _mean(mine, "accuracy_estimate") or 0.0
            hot = _mean(mine, "throttled_fraction") or 0.0
            words = f"{accuracy:.1%} · {hot:.0%} hot"
            cells.append(
                Cell(xs.index(t_lim), ys.index(g_lim), mean_ms, f"{mean_ms:.1f} ms", words)
            )
    about = (
        "Mean response for each pair of thresholds, over all devices and repeats; below it the "
        "estimated accuracy, and how much of the time the phone still throttled."
    )
    return (
        HeatMap(
            "Thresholds of dynamic shifting",
            about,
            "t_lim [°C]",
            "g_lim [°C/s]",
            tuple(f"{x:g}" for x in xs),
            tuple(f"{y:g}" for y in ys),
            tuple(cells),
        ),
    )


def _thresholds(subject: Subject) -> tuple[float, float] | None:
    t_lim, g_lim = (subject.policy.get(name) for name in ("t_lim_c", "g_lim_c_per_s"))
    return None if t_lim is None or g_lim is None else (float(t_lim), float(g_lim))


def _spreads(subjects: Sequence[Subject]) -> Sequence[Violins]:
    return distribution(
        subjects,
        lambda subject: subject.details.get("response_quantiles_ms"),
        "Distribution of the response",
        "All responses of one run, injected idle included and loads not.",
        "ms",
    )


def _is_alone(subject: Subject) -> bool:
    return subject.policy.get("kind") == "stock"


def _mean(subjects: Sequence[Subject], metric: str) -> float | None:
    known = [value for s in subjects if (value := s.metrics.get(metric)) is not None]
    return sum(known) / len(known) if known else None
