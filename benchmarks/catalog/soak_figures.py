"""What a comparison of thermal soaks shows: latency minute by minute, and who throttled when."""

from collections.abc import Sequence

from benchmarks.figures import Figure, Line, Panel, Subject

MOST_LINES = 8


def soak_figures(subjects: Sequence[Subject]) -> Sequence[Figure]:
    """Return the figures of these soaks; one run stands for each side and device."""
    lines = [_curve(subject) for subject in _one_each(subjects)]
    lines = [line for line in lines if line.x]
    if not lines:
        return ()
    about = "Median latency of each minute. Marked below: the throttled stretches of each run."
    panel = Panel("Latency", "ms", tuple(lines))
    return (Figure("Minute by minute", about, "minutes under load", (panel,)),)


def _one_each(subjects: Sequence[Subject]) -> list[Subject]:
    """Return the run in the middle of each side and device, by its mean latency."""
    labels = list(dict.fromkeys(subject.label for subject in subjects))[:MOST_LINES]
    found = []
    for label in labels:
        mine = [subject for subject in subjects if subject.label == label]
        mine.sort(key=lambda subject: subject.metrics.get("mean_ms") or 0.0)
        found.append(mine[len(mine) // 2])
    return found


def _curve(subject: Subject) -> Line:
    minutes = subject.details.get("latency_by_minute_ms") or []
    throttled = subject.details.get("throttled") or []
    return Line(
        label=subject.label,
        side=subject.side,
        x=tuple(minute + 0.5 for minute in range(len(minutes))),
        y=tuple(minutes),
        run=subject.run,
        bands=tuple((start / 60, end / 60) for start, end in throttled),
    )
