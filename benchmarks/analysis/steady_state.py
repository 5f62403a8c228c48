"""When a soak stopped changing, and what the phone holds from then on.

Notes:
    A soak is cut into windows of five minutes (a sixth of it, if it is shorter than half an hour).
    It is steady from the first window on after which all windows have a mean latency within 5 % of
    their common mean. A hysteresis that goes on and off faster than a window is steady in this
    sense; one that is slower is not, and neither is a soak that only its last window agrees with.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.analysis.latency import Inferences, inferences
from benchmarks.analysis.metrics import Metric
from benchmarks.trace import Floats, Trace

WINDOW_S = 300.0
WINDOWS = 6  # of a shorter soak
FEWEST_WINDOWS = 2  # that must agree
WITHIN = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Steady:
    """The part of a soak in which nothing changes any more."""

    start_s: float
    found: Inferences


def steady_part(trace: Trace) -> Steady | None:
    """Return the steady part of a soak; None if it never came to one."""
    found = inferences(trace)
    window_s = min(WINDOW_S, trace.duration_s / WINDOWS)
    if window_s <= 0:
        return None
    starts = np.arange(0.0, trace.duration_s - window_s / 2, window_s)
    means = np.array([_mean(found.between(start, start + window_s)) for start in starts])
    first = _first_of_alike(means)
    if first is None:
        return None
    start_s = float(starts[first])
    return Steady(start_s, found.between(start_s, trace.duration_s))


def steady_metrics(trace: Trace) -> Sequence[Metric]:
    """Return when it became steady, and latency from then on; censored if it never did."""
    steady = steady_part(trace)
    if steady is None:
        note = f"censored: not within {trace.duration_s:g} s"
        return (
            Metric("steady_after_s", None, "s", "lower", note=note),
            Metric("steady_p50_ms", None, "ms", "lower", note="never steady"),
            Metric("steady_p90_ms", None, "ms", "lower", note="never steady"),
        )
    milliseconds = steady.found.latency_s * 1000
    p50, p90 = (float(np.percentile(milliseconds, share)) for share in (50, 90))
    note = f"from {steady.start_s:g} s on"
    return (
        Metric("steady_after_s", steady.start_s, "s", "lower"),
        Metric("steady_p50_ms", p50, "ms", "lower", note=note),
        Metric("steady_p90_ms", p90, "ms", "lower", note=note),
    )


def _mean(found: Inferences) -> float:
    return float(found.latency_s.mean()) if found.latency_s.size else np.nan


def _first_of_alike(means: Floats) -> int | None:
    """Return the first window from which on all lie close to their common mean."""
    for first in range(means.size - FEWEST_WINDOWS + 1):
        rest = means[first:]
        if np.all(np.abs(rest / rest.mean() - 1) <= WITHIN):  # NaN: a window without inferences
            return first
    return None
