"""Whether tenants were there when they should have been: the host lets them come and go."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from benchmarks.analysis.metrics import Metric
from benchmarks.analysis.validity import Reason, Word
from benchmarks.trace import Trace

Steps = Sequence[tuple[float, frozenset[int]]]  # from when on [s] which lanes are taken


_TOLERABLE = 0.25  # of the time [1]


def churn_reasons(trace: Trace) -> tuple[Reason, ...]:
    """Return why what tenants met is not what was drawn."""
    missed = _missed(trace)
    if missed is None or missed <= _TOLERABLE:
        return ()
    sentence = (
        f"For {missed:.0%} of the time others were there than had been drawn: this machine lets"
        " tenants come and go too late for the speed of this phone; run it at a lower one."
    )
    return (Reason("churn_missed", Word.DEGRADED, sentence),)


def churn_metric(trace: Trace) -> Metric:
    """Return for which share of the time others were there than had been drawn.

    Two policies meet the same applications only as far as this is small: a host sees a phone whose
    time runs fast in steps of seconds.
    """
    return Metric("churn_missed", _missed(trace), "1", "lower", note="of the time of the tenants")


def _missed(trace: Trace) -> float | None:
    announced = trace.events_of("tenants")
    if not announced or "timeline" not in announced[0].data:
        return None
    opened_s, told = trace.seconds(announced[0].t_ns), announced[0].data
    ends_s = opened_s + float(told["seconds"])
    drawn = [(opened_s + second, frozenset(lanes)) for second, lanes in told["timeline"]]
    seen = [
        (trace.seconds(event.t_ns), frozenset(int(lane) for lane in event.data.get("lanes", ())))
        for event in trace.events_of("tenancy")
    ]
    marks_s = sorted({t_s for t_s, _ in (*drawn, *seen) if opened_s <= t_s < ends_s} | {ends_s})
    wrong_s = sum(b - a for a, b in pairwise(marks_s) if _at(drawn, a) != _at(seen, a))
    return wrong_s / (ends_s - opened_s)


def _at(steps: Steps, t_s: float) -> frozenset[int]:
    """Return who is there at an instant."""
    index = bisect_right(steps, t_s, key=lambda step: step[0]) - 1
    return steps[index][1] if index >= 0 else frozenset()
