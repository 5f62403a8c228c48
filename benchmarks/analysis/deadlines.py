"""Punctuality: whether each inference ended by its deadline, and how far from it.

Notes:
    An inference is released when its slot is due; its end is release + queue + latency, and its
    deadline the next release. Dropped slots count as missed.
"""

from collections.abc import Iterator

import numpy as np

from benchmarks.analysis.metrics import Metric
from benchmarks.analysis.quantiles import quantiles_ms
from benchmarks.trace import Floats, Trace

DVFS = "dvfs"  # where the details keep what a page of this kind draws


def response_s(trace: Trace) -> Floats:
    """Return the time from release to end of each inference of the load [s]."""
    latency, queue = trace.get("inference.latency"), trace.get("inference.queue")
    if latency is None:
        return np.empty(0)
    ended = latency.between(0.0, trace.duration_s)
    waited = queue.between(0.0, trace.duration_s).values if queue else np.zeros(ended.t_s.size)
    total: Floats = ended.values + np.nan_to_num(waited)
    return total[~np.isnan(total)]


def dropped_slots(trace: Trace) -> int:
    """Return how many were due and never begun: the lane was too far behind, or had ended."""
    return sum(int(event.data.get("dropped") or 0) for event in trace.events_of("idle"))


def punctuality_quantiles(trace: Trace, period_s: float) -> list[float]:
    """Return the quantiles of end over deadline at even steps [1]."""
    return [value / 1000 for value in quantiles_ms(response_s(trace) / period_s)]


def deadline_metrics(trace: Trace, period_s: float | None) -> Iterator[Metric]:
    """Yield the share of deadlines met, how close ends are to them, and how late the late are."""
    taken_s = response_s(trace)
    if period_s is None or not taken_s.size:
        why = "no rehearsal, so no deadline" if period_s is None else "no inference"
        yield Metric("deadline_hit", None, "1", "higher", "none", why)
        return
    dropped = dropped_slots(trace)
    hits = int((taken_s <= period_s * (1 + 1e-9)).sum())
    released = taken_s.size + dropped
    note = f"{released - hits} of {released} missed, {dropped} of them dropped"
    yield Metric("deadline_hit", hits / released, "1", "higher", note=note)
    yield Metric("punctuality_p50", float(np.median(taken_s)) / period_s, "1", None,
                 note="end over deadline; just below 1 is lazy and in time")  # fmt: skip
    late_ms = np.maximum(0.0, taken_s - period_s) * 1000
    yield Metric("tardiness_p99_ms", float(np.quantile(late_ms, 0.99)), "ms", "lower")
    yield Metric("period_ms", period_s * 1000, "ms", None)
