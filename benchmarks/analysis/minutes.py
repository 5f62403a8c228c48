"""What each minute of a soak was like: the curve that ranks phones over time."""

from benchmarks.analysis.latency import inferences
from benchmarks.trace import Trace

MINUTE_S = 60.0


def latency_by_minute(trace: Trace) -> list[float | None]:
    """Return the median latency of each whole minute [ms]; None where nothing ran."""
    found = inferences(trace)
    medians = [
        found.between(minute * MINUTE_S, (minute + 1) * MINUTE_S).median_s
        for minute in range(int(trace.duration_s // MINUTE_S))
    ]
    return [None if median is None else round(median * 1000, 4) for median in medians]
