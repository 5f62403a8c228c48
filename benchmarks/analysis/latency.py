"""How long inferences took: percentiles, spread and throughput."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.analysis.metrics import Metric
from benchmarks.trace import Floats, Trace

WARM_UP_FLAG = 1
FEWEST_FOR_P99 = 100
FIRST_S = 60.0  # what counts as cool: the first minute, or the first quarter of a short soak
LAST_SHARE = 0.25  # what counts as sustained: the last quarter


@dataclass(frozen=True, slots=True, eq=False)
class Inferences:
    """The inferences of a soak that ran warm and without an error."""

    t_s: Floats  # [n], their starts [s]
    latency_s: Floats  # [n]
    failed: int

    def between(self, start_s: float, end_s: float) -> "Inferences":
        """Return those that start within [start_s, end_s)."""
        first, last = np.searchsorted(self.t_s, (start_s, end_s))
        return Inferences(self.t_s[first:last], self.latency_s[first:last], 0)

    @property
    def median_s(self) -> float | None:
        """Their median latency [s]."""
        return float(np.median(self.latency_s)) if self.latency_s.size else None


def inferences(trace: Trace) -> Inferences:
    """Return the inferences that count."""
    latency = trace.get("inference.latency")
    if latency is None:
        return Inferences(np.empty(0), np.empty(0), 0)
    failed = _column(trace, "inference.err") > 0
    warm_up = _column(trace, "inference.flags").astype(np.int64) & WARM_UP_FLAG > 0
    # What ran before the load began, such as a rehearsal, is not part of it.
    counts = ~failed & ~warm_up & ~np.isnan(latency.values) & (latency.t_s >= 0.0)
    return Inferences(latency.t_s[counts], latency.values[counts], int(failed.sum()))


def _column(trace: Trace, name: str) -> Floats:
    """Return one column of the inferences; a missing reading is 0."""
    signal = trace.get(name)
    rows = trace.signals["inference.latency"].values.size
    return np.nan_to_num(signal.values) if signal is not None else np.zeros(rows)


def cool_window_s(trace: Trace) -> float:
    """Return how long the start of a soak counts as cool [s]."""
    return min(FIRST_S, trace.duration_s / 4)


def latency_metrics(trace: Trace) -> Sequence[Metric]:
    """Return the percentiles, mean, variation and counts of the whole soak."""
    found = inferences(trace)
    milliseconds = found.latency_s * 1000
    return (
        *(_percentile(milliseconds, share) for share in (50, 90, 95, 99)),
        Metric("mean_ms", float(milliseconds.mean()) if milliseconds.size else None, "ms", "lower"),
        Metric("latency_cv", _variation(milliseconds), "1", "lower"),
        Metric("inferences", float(milliseconds.size), "1", "higher"),
        Metric("failed_inferences", float(found.failed), "1", "lower"),
    )


def _percentile(milliseconds: Floats, share: int) -> Metric:
    name, few = f"p{share}_ms", milliseconds.size < FEWEST_FOR_P99
    if share == 99 and few:
        note = f"{milliseconds.size} inferences, {FEWEST_FOR_P99} are needed"
        return Metric(name, None, "ms", "lower", note=note)
    value = float(np.percentile(milliseconds, share)) if milliseconds.size else None
    return Metric(name, value, "ms", "lower", note="" if milliseconds.size else "no inference")


def _variation(values: Floats) -> float | None:
    return float(values.std() / values.mean()) if values.size > 1 else None


def sustained_metrics(trace: Trace) -> Sequence[Metric]:
    """Return throughput at the start and at the end, and their ratio."""
    found, duration_s = inferences(trace), trace.duration_s
    cool_s = cool_window_s(trace)
    first = _throughput(found, 0.0, cool_s)
    last = _throughput(found, duration_s * (1 - LAST_SHARE), duration_s)
    ratio = last / first if first and last is not None else None
    return (
        Metric("first_throughput", first, "1/s", "higher", note=f"first {cool_s:g} s"),
        Metric("sustained_throughput", last, "1/s", "higher", note="last quarter"),
        Metric("sustained_ratio", ratio, "1", "higher", note="last quarter / first minute"),
    )


def _throughput(found: Inferences, start_s: float, end_s: float) -> float | None:
    """Return inferences per second over a window, from the periods between their starts.

    Counting starts in a window errs by one inference; periods do not.
    """
    starts = found.between(start_s, end_s).t_s
    return (starts.size - 1) / float(starts[-1] - starts[0]) if starts.size > 1 else None
