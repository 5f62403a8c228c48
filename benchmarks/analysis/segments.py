"""Segments of planned inferences: how good predictions were, and which clocks were asked for."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.analysis.metrics import Metric
from benchmarks.analysis.prediction import prediction_error
from benchmarks.trace import Signal, Trace

_UNSET = -1.0


def _soak(trace: Trace, name: str) -> Signal | None:
    signal = trace.get(f"segment.{name}")
    return None if signal is None else signal.between(0.0, trace.duration_s)


def segment_metrics(trace: Trace, plan: Mapping[str, Any]) -> Iterator[Metric]:
    """Yield the error of predicted times, and how often clocks were changed."""
    number, took = _soak(trace, "number"), _soak(trace, "duration")
    segments = plan.get("segments") or []
    if number is None or took is None or not took.t_s.size or not segments:
        yield prediction_error(np.empty(0), np.empty(0), "per segment")
        return
    planned_s = np.array([segment[2] for segment in segments]) / 1e6
    yield prediction_error(took.values, planned_s[number.values.astype(int)], "per segment")
    changes = sum(before[1] != after[1] for before, after in pairwise(segments))
    note = f"{changes} changes of clock in {len(segments)} segments"
    yield Metric("clock_changes", float(changes), "1", None, "plan", note)


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
