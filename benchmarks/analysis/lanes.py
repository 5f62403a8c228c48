"""Lanes of a run that ran side by side, taken apart."""

from dataclasses import replace

from benchmarks.trace import Signal, Trace

_INFERENCE = "inference."


def of_lane(trace: Trace, lane: int) -> Trace:
    """Return the trace with the inferences of one lane only; all else stays."""
    lanes = trace.get("inference.lane")
    if lanes is None:
        return trace
    mine = lanes.values == lane
    if mine.all():
        return trace
    signals = {
        name: Signal(signal.channel, signal.t_s[mine], signal.values[mine])
        if name.startswith(_INFERENCE)
        else signal
        for name, signal in trace.signals.items()
    }
    return replace(trace, signals=signals)
