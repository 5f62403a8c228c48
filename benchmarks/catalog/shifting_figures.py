"""What a comparison of shifting runs shows: pace and size minute by minute, and who throttled."""

from collections.abc import Sequence

from benchmarks.figures import Figure, Line, Panel, Subject

MOST_LINES = 8


def shifting_figures(subjects: Sequence[Subject]) -> Sequence[Figure]:
    """Return the figures of these runs; the first run of each side and device stands for it."""
    chosen = list({subject.label: subject for subject in reversed(subjects)}.values())
    chosen = chosen[::-1][:MOST_LINES]
    response = [_line(subject, "response_by_minute_ms") for subject in chosen]
    if not any(line.x for line in response):
        return ()
    large = [_line(subject, "large_by_minute", 100.0) for subject in chosen]
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
