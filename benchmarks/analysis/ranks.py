"""Who is fast at first, and who is fast in the end: the first minute against the thirtieth."""

from collections.abc import Mapping, Sequence

from benchmarks.analysis.metrics import Metric

EARLY, LATE = 1, 30  # minutes under load

Minutes = Sequence[float | None]  # median latency of each minute [ms]


def minute_metrics(minutes: Minutes) -> Sequence[Metric]:
    """Return the latency of minute 1 and of minute 30, and their ratio."""
    early, late = _of(minutes, EARLY), _of(minutes, LATE)
    ratio = late / early if early and late else None
    short = "" if len(minutes) >= LATE else f"the load lasted {len(minutes)} whole minutes"
    return (
        Metric("minute_1_ms", early, "ms", "lower"),
        Metric("minute_30_ms", late, "ms", "lower", note=short),
        Metric("minute_30_ratio", ratio, "1", "lower", note=short or "minute 30 / minute 1"),
    )


def ranks(minutes: Mapping[str, Minutes]) -> dict[str, list[str]]:
    """Return the workloads by what each minute left of their own pace, the best first.

    Networks of different size are ranked by their slow-down since minute 1, not by latency.
    """
    kept = {
        name: late / early
        for name, own in minutes.items()
        if (early := _of(own, EARLY)) and (late := _of(own, min(LATE, len(own))))
    }
    return {"by_slow_down": sorted(kept, key=lambda name: kept[name])}


def _of(minutes: Minutes, number: int) -> float | None:
    return minutes[number - 1] if 0 < number <= len(minutes) else None
