"""What thermal soaks show: latency minute by minute, and which network keeps its pace."""

from collections.abc import Sequence

from benchmarks.catalog.choosing import middle_ones
from benchmarks.figures import Drawing, Figure, Line, Panel, Subject


def soak_figures(subjects: Sequence[Subject]) -> Sequence[Drawing]:
    """Return the figures of these soaks; one run stands for each side and device."""
    chosen = middle_ones(subjects, "mean_ms")
    return (*_minutes(chosen), *_pace(chosen))


def _minutes(subjects: Sequence[Subject]) -> Sequence[Figure]:
    lines = [line for subject in subjects if (line := _curve(subject)).x]
    if not lines:
        return ()
    about = "Median latency of each minute. Marked below: the throttled stretches of each run."
    panel = Panel("Latency", "ms", tuple(lines))
    return (Figure("Minute by minute", about, "minutes under load", (panel,)),)


def _curve(subject: Subject) -> Line:
    minutes = subject.details.get("latency_by_minute_ms") or []
    throttled = subject.details.get("throttled") or []
    return Line(
        label=subject.label,
        side=subject.side,
        x=_middles(len(minutes)),
        y=tuple(minutes),
        run=subject.run,
        bands=tuple((start / 60, end / 60) for start, end in throttled),
    )


def _pace(subjects: Sequence[Subject]) -> Sequence[Figure]:
    """Draw what is left of each network's pace, where several ran side by side on one phone."""
    lines = [
        Line(_named(subject, name, subjects), at, _middles(len(left)), left, subject.run)
        for subject in subjects
        for at, (name, left) in enumerate(_left(subject))
    ]
    if not lines:
        return ()
    about = (
        "Each network against its own first minute: who ends highest suffers least from the heat "
        "that all of them make. Networks of different size are not ranked by latency."
    )
    panel = Panel("Pace left", "%", tuple(lines))
    return (Figure("Who keeps its pace", about, "minutes under load", (panel,)),)


def _left(subject: Subject) -> list[tuple[str, tuple[float | None, ...]]]:
    """Return what each minute left of the pace of minute 1, network by network [%]."""
    minutes = subject.details.get("minutes_of_each_ms") or {}
    return [
        (name, tuple(100 * own[0] / one if one else None for one in own))
        for name, own in minutes.items()
        if own and own[0]
    ]


def _named(subject: Subject, name: str, subjects: Sequence[Subject]) -> str:
    network = name.partition(": ")[2] or name
    order = (subject.details.get("ranks") or {}).get("by_slow_down") or []
    place = f", rank {order.index(name) + 1} at the end" if name in order else ""
    return f"{network}{place}" + ("" if len(subjects) == 1 else f" · {subject.label}")


def _middles(count: int) -> tuple[float, ...]:
    return tuple(minute + 0.5 for minute in range(count))
