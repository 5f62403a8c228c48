"""Whether everybody is served alike: how far the answers of different devices lie apart."""

from collections.abc import Sequence

import numpy as np

from benchmarks.figures import Bar, Bars, Subject

FEWEST = 2  # devices


def spread_over_devices(subjects: Sequence[Subject]) -> Sequence[Bars]:
    """Draw, for each side that was measured on several devices, the spread of their answers.

    A device's answer is the median of its runs' medians; the bar is the standard deviation over
    devices, because a mean may look good while slow phones wait.
    """
    bars = [bar for side in sorted({s.side for s in subjects}) if (bar := _bar(subjects, side))]
    about = (
        "Standard deviation over devices of their median answer. Sharing the work should bring a "
        "slow phone's answers nearer to a fast one's."
    )
    return (Bars("Spread over devices", about, "ms", ("spread",), tuple(bars)),) if bars else ()


def _bar(subjects: Sequence[Subject], side: int) -> Bar | None:
    mine = [subject for subject in subjects if subject.side == side]
    by_device: dict[str, list[float]] = {}
    for subject in mine:
        answer = subject.metrics.get("answer_p50_ms")
        if answer is not None:
            by_device.setdefault(subject.device, []).append(answer)
    answers = [float(np.median(values)) for values in by_device.values()]
    if len(answers) < FEWEST:
        return None
    low, high = np.percentile(answers, (10, 90))
    name = str(mine[0].policy.get("kind") or mine[0].label)
    words = f"{len(answers)} devices, 90th over 10th percentile {high / low:.2f}"
    return Bar(name, side, (round(float(np.std(answers)), 3),), words=words)
