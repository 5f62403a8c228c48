"""What an importer gives: metrics under our names, facts, and what it did not understand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks.analysis.latency import latency_metrics
from benchmarks.analysis.metrics import Metric
from benchmarks.trace import Signal, Trace
from devices.channels import Channel, Unit

LATENCY = Channel("inference.latency", Unit.SECOND, -9, "imported")


class NotImportable(ValueError):
    """A text that no importer can read; the message says what it could."""


@dataclass(frozen=True, slots=True)
class Imported:
    """One result of another tool."""

    tool: str
    name: str  # what was measured, as the tool calls it
    metrics: tuple[Metric, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)  # threads, backend, build …
    unknown: tuple[str, ...] = ()  # kept, so that nothing of the output is lost

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "tool": self.tool,
            "name": self.name,
            "device_kind": "imported",
            "metrics": [metric.as_dict() for metric in self.metrics],
            "facts": dict(self.facts),
            "unknown": list(self.unknown),
        }


def trace_of(latencies_s: Sequence[float]) -> Trace:
    """Return single latencies as a trace of inferences, back to back [s]."""
    latency = np.array(latencies_s, dtype=np.float64)
    starts = np.concatenate([[0.0], np.cumsum(latency)[:-1]]) if latency.size else latency
    signal = Signal(LATENCY, starts, latency)
    return Trace(signals={LATENCY.name: signal}, duration_s=float(latency.sum()))


def sampled(tool: str, latencies_s: Sequence[float]) -> tuple[Metric, ...]:
    """Return our own latency metrics of single latencies [s]; a failure was never told."""
    found = latency_metrics(trace_of(latencies_s))
    return tuple(
        Metric(m.name, m.value, m.unit, m.better, tool, m.note)
        for m in found
        if m.name != "failed_inferences"
    )


def told(tool: str, name: str, value: float, unit: str = "ms") -> Metric:
    """Return a number that the tool had computed already."""
    return Metric(name, value, unit, "higher" if unit == "1/s" else "lower", tool)
