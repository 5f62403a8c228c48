"""How late a policy that decides on the host is heard: from seeing to knowing, in device time."""

import numpy as np

from benchmarks.analysis.metrics import Metric
from benchmarks.trace import Trace


def decision_lag(trace: Trace) -> Metric:
    """Return the longest way of a decision, from the rows it saw to the phone that obeyed [s]."""
    lags_s = np.array([float(e.data.get("lag_s") or 0.0) for e in trace.events_of("action")])
    if not lags_s.size:
        return Metric("decision_lag_s", None, "s", "lower", note="no decision")
    note = f"longest of {lags_s.size}, in device time; median {np.median(lags_s):.2g} s"
    return Metric("decision_lag_s", float(lags_s.max()), "s", "lower", note=note)
