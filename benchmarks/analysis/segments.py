"""Segments of planned inferences: how good predictions were, and which clocks were asked for."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from benchmarks.analysis.metrics import Metric
from benchmarks.analysis.prediction import prediction_error
from benchmarks.trace import Floats, Signal, Trace
from devices.samples import Event

_UNSET = -1.0


def _soak(trace: Trace, name: str) -> Signal | None:
    signal = trace.get(f"segment.{name}")
    return None if signal is None else signal.between(0.0, trace.duration_s)


def _in_force(trace: Trace, plans: Sequence[Event], t_s: Floats) -> NDArray[np.int64]:
    """Return which plan was in force at each time: one counts from its `applied` on."""
    applied = {e.data.get("gen"): trace.seconds(e.t_ns) for e in trace.events_of("applied")}
    since_s = [
        applied.get(plan.data["gen"], np.inf) if plan.data.get("gen") else -np.inf for plan in plans
    ]
    return np.searchsorted(since_s, t_s + 1e-6, "right") - 1


def segment_metrics(trace: Trace) -> Iterator[Metric]:
    """Yield the error of predicted times, how often clocks and plans were changed, the margin."""
    plans = trace.events_of("planned")
    number, took = _soak(trace, "number"), _soak(trace, "duration")
    segments = plans[-1].data.get("segments") if plans else None
    if number is None or took is None or not took.t_s.size or not segments:
        yield prediction_error(np.empty(0), np.empty(0), "per segment")
        return
    planned_s = np.array([[part[2] for part in plan.data["segments"]] for plan in plans]) / 1e6
    at = _in_force(trace, plans, took.t_s)
    yield prediction_error(took.values, planned_s[at, number.values.astype(int)], "per segment")
    changes = sum(before[1] != after[1] for before, after in pairwise(segments))
    note = f"{changes} changes of clock in {len(segments)} segments"
    yield Metric("clock_changes", float(changes), "1", None, "plan", note)
    if "margin" in plans[-1].data:
        yield Metric("margin", plans[-1].data["margin"], "1", None, "plan", "kept back at the end")
        yield Metric("replans", float(len(plans) - 1), "1", None, "plan", "learned from the load")


def ribbon(trace: Trace) -> list[list[float]]:
    """Return per segment its median start and length [ms] and the clocks asked for."""
    columns = [_soak(trace, name) for name in ("number", "duration", "core_clock", "memory_clock")]
    if any(column is None or not column.t_s.size for column in columns):
        return []
    number, took, core, memory = (column.values for column in columns if column is not None)
    rows, start_ms = [], 0.0
    for segment in range(int(number.max()) + 1):
        mine = number == segment
        if not mine.any():
            continue
        length_ms = float(np.median(took[mine])) * 1000
        clocks = [float(np.median(values[mine])) for values in (core, memory)]
        rows.append([round(start_ms, 3), round(length_ms, 3),
                     *(clock if clock != _UNSET else 0.0 for clock in clocks)])  # fmt: skip
        start_ms += length_ms
    return rows


def residency(trace: Trace) -> dict[str, list[list[float]]]:
    """Return per clock what share of the busy time was asked to run at it: [clock, share]."""
    took = _soak(trace, "duration")
    shares: dict[str, list[list[float]]] = {}
    for name in ("core_clock", "memory_clock"):
        asked = _soak(trace, name)
        if took is None or asked is None or not took.t_s.size:
            continue
        whole_s = float(took.values.sum())
        known = [float(clock) for clock in np.unique(asked.values) if clock != _UNSET]
        shares[name] = [
            [clock, round(float(took.values[asked.values == clock].sum()) / whole_s, 4)]
            for clock in known
        ]
    return shares
