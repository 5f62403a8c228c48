"""What a comparison of offload runs shows: answers and the server's work, minute by minute."""

from collections.abc import Sequence

from benchmarks.figures import Figure, Line, Panel, Subject

MOST_LINES = 8
_PANELS = (("Answer", "answer_by_minute_ms"), ("Server", "server_by_minute_ms"))


def offload_figures(subjects: Sequence[Subject]) -> Sequence[Figure]:
    """Return the figures of these runs; one run stands for each side and device."""
    chosen = _one_each(subjects)
    panels = []
    for title, key in _PANELS:
        lines = [line for subject in chosen if (line := _line(subject, key)).x]
        if lines:
            panels.append(Panel(title, "ms", tuple(lines)))
    if not panels:
        return ()
    about = (
        "Median time from a request to its answer, and what the server computed per request. A "
        "policy that frees the server without keeping anybody waiting lowers the second alone."
    )
    return (Figure("Answers and the cloud", about, "minutes under load", tuple(panels)),)


def _one_each(subjects: Sequence[Subject]) -> list[Subject]:
    """Return the run in the middle of each side and device, by its median answer."""
    labels = list(dict.fromkeys(subject.label for subject in subjects))[:MOST_LINES]
    found = []
    for label in labels:
        mine = [subject for subject in subjects if subject.label == label]
        mine.sort(key=lambda subject: subject.metrics.get("answer_p50_ms") or 0.0)
        found.append(mine[len(mine) // 2])
    return found


def _line(subject: Subject, key: str) -> Line:
    minutes = subject.details.get(key) or []
    x = tuple(minute + 0.5 for minute in range(len(minutes)))
    return Line(subject.label, subject.side, x, tuple(minutes), subject.run)
