"""Which runs stand for their side in a figure."""

from collections.abc import Sequence

from benchmarks.figures import Subject

MOST = 8


def middle_ones(subjects: Sequence[Subject], metric: str) -> list[Subject]:
    """Return one run for each side and device: the one in the middle, by a metric of theirs."""
    labels = list(dict.fromkeys(subject.label for subject in subjects))[:MOST]
    found = []
    for label in labels:
        mine = [subject for subject in subjects if subject.label == label]
        mine.sort(key=lambda subject: subject.metrics.get(metric) or 0.0)
        found.append(mine[len(mine) // 2])
    return found
