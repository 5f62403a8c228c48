"""How tenants were served: frames, accuracy, lateness, fairness, and what was paged for it.

A trial of tenants leaves two kinds of events behind: `tenants`, with what is known of every
variant, and `tenancy` whenever somebody came or went; a policy's choices are its `action` events.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.analysis.latency import WARM_UP_FLAG
from benchmarks.analysis.metrics import Metric
from benchmarks.analysis.validity import Reason, Word
from benchmarks.trace import Floats, Trace


@dataclass(frozen=True, slots=True)
class Stay:
    """A stretch in which one tenant ran one variant with one share of the time."""

    start_s: float
    end_s: float
    variant: str
    share: float


@dataclass(slots=True)
class Record:
    """One tenant over the whole trial."""

    name: str
    facts: Mapping[str, Any]
    stays: list[Stay] = field(default_factory=list)
    latency_s: Floats = field(default_factory=lambda: np.empty(0))

    @property
    def runnable(self) -> Sequence[Mapping[str, Any]]:
        """What it may run: its variants from small to large, and what it has where none nests."""
        alone = self.facts.get("alone")
        return [*self.facts["rungs"], *([alone] if alone else [])]

    @property
    def present_s(self) -> float:
        """How long it was there [s]."""
        return sum(stay.end_s - stay.start_s for stay in self.stays)

    @property
    def fps(self) -> float:
        """Frames per second while it was there."""
        return self.latency_s.size / self.present_s if self.present_s else 0.0

    @property
    def accuracy_pct(self) -> float:
        """Accuracy of the variants that it ran, by time [%]."""
        known = {rung["variant"]: rung["accuracy_pct"] for rung in self.runnable}
        weighted = sum(float(known[s.variant]) * (s.end_s - s.start_s) for s in self.stays)
        return weighted / self.present_s

    @property
    def late(self) -> float:
        """Share of its frames that took longer than it allows [1]."""
        limit_s = float(self.facts["max_latency_s"])
        return float(np.mean(self.latency_s > limit_s)) if self.latency_s.size else 0.0

    @property
    def paged_in_mb(self) -> float:
        """What larger variants brought into memory; a smaller one is part of a larger one [MB]."""
        return sum(step for step in self._paged_mb if step > 0)

    @property
    def paged_out_mb(self) -> float:
        """What smaller variants gave back, without what leaving altogether does [MB]."""
        return -sum(step for step in self._paged_mb if step < 0)

    @property
    def _paged_mb(self) -> list[float]:
        """By how much each change of variant made it larger [MB]."""
        sizes = {rung["variant"]: rung["resident_mb"] for rung in self.runnable}
        return [
            float(sizes[after.variant] - sizes[before.variant])
            for before, after in pairwise(self.stays)
            if after.start_s == before.end_s
        ]


def opened_s(trace: Trace) -> float:
    """Return when the first tenants came: before that, every variant was run alone [s]."""
    announced = trace.events_of("tenants")
    return trace.seconds(announced[0].t_ns) if announced else 0.0


def tenancy_reasons(trace: Trace) -> tuple[Reason, ...]:
    """Return why a run may say nothing of its tenants."""
    if any(record.present_s for record in records_of(trace)):
        return ()
    sentence = "No tenant ever ran: raise memory_mb, or take a policy that swaps nobody out."
    return (Reason("nobody_ran", Word.INVALID, sentence),)


def tenancy_metrics(trace: Trace) -> Sequence[Metric]:
    """Return how all tenants were served together."""
    records = [record for record in records_of(trace) if record.present_s > 0]
    if not records:
        return (Metric("tenants", 0.0, "1", note="nobody ran"),)
    fps = np.array([record.fps for record in records])
    needed = np.array([1 / float(record.facts["max_latency_s"]) for record in records])
    served = np.minimum(fps / needed, 1.0)
    return (
        Metric("tenants", float(len(records)), "1", note="that were there at all"),
        Metric("mean_fps", float(fps.mean()), "1/s", "higher", note="mean over tenants"),
        Metric(
            "mean_accuracy",
            float(np.mean([record.accuracy_pct for record in records])) / 100,
            "1",
            "higher",
            "published",
            "of the variants that ran, by time; mean over tenants",
        ),
        Metric("late_fraction", float(np.mean([r.late for r in records])), "1", "lower"),
        Metric("fairness", _jain(served), "1", "higher", note="Jain's index of frames per need"),
        Metric("paged_in_mb", sum(record.paged_in_mb for record in records), "MB", "lower"),
        Metric("paged_out_mb", sum(record.paged_out_mb for record in records), "MB"),
        Metric("changes", float(sum(len(r.stays) - 1 for r in records)), "1"),
    )


def tenancy_details(trace: Trace) -> dict[str, Any]:
    """Return the Gantt of the tenants as JSON: who ran what, when, with which share."""
    return {
        "tenants": [
            {
                "name": record.name,
                "fps": round(record.fps, 4),
                "accuracy_pct": round(record.accuracy_pct, 3) if record.present_s else None,
                "late": round(record.late, 4),
                "accuracies_pct": {r["variant"]: r["accuracy_pct"] for r in record.runnable},
                "sizes_mb": {r["variant"]: r["resident_mb"] for r in record.runnable},
                "stays": [[s.start_s, s.end_s, s.variant, s.share] for s in record.stays],
            }
            for record in records_of(trace)
        ]
    }


def records_of(trace: Trace) -> list[Record]:
    """Return every tenant's stays and latencies."""
    announced = trace.events_of("tenants")
    if not announced:
        return []
    records = [Record(facts["name"], facts) for facts in announced[0].data["tenants"]]
    reader = _Reader(records)
    for event in trace.events:
        reader.read(trace.seconds(event.t_ns), event.kind, event.data)
    reader.end(trace.duration_s)
    for lane, latencies in _latencies(trace, opened_s(trace)).items():
        if lane < len(records):
            records[lane].latency_s = latencies
    return records


class _Reader:
    """Reads stays off the events, in their order."""

    def __init__(self, records: list[Record]) -> None:
        self._records = records
        self._since: dict[int, tuple[float, str, float]] = {}  # lane -> start, variant, share

    def read(self, t_s: float, kind: str, data: Mapping[str, Any]) -> None:
        """Take one event."""
        if kind == "tenancy":
            self._present([int(lane) for lane in data.get("lanes", ())], t_s)
        elif kind == "action" and data.get("lane") in self._since:
            lane = int(data["lane"])
            _, variant, share = self._since[lane]
            self._close(lane, t_s)
            variant = str(data.get("variant", variant))
            self._since[lane] = (t_s, variant, float(data.get("share", share)))

    def end(self, t_s: float) -> None:
        """Close what is open."""
        self._present([], t_s)

    def _present(self, lanes: list[int], t_s: float) -> None:
        for lane in [lane for lane in self._since if lane not in lanes]:
            self._close(lane, t_s)
        for lane in lanes:
            # A policy says within the same moment what a newcomer gets; where none decides, it
            # runs its most accurate variant, and nobody takes time from it but the others' load.
            largest = self._records[lane].facts["rungs"][-1]["variant"]
            self._since.setdefault(lane, (t_s, largest, 1.0))

    def _close(self, lane: int, t_s: float) -> None:
        start_s, variant, share = self._since.pop(lane)
        if t_s > start_s and share > 0:
            self._records[lane].stays.append(Stay(start_s, t_s, variant, share))


def _latencies(trace: Trace, since_s: float) -> dict[int, Floats]:
    """Return the latencies of the inferences that began after the tenants came, per lane [s]."""
    latency, lanes = trace.get("inference.latency"), trace.get("inference.lane")
    if latency is None or lanes is None:
        return {}
    flags = trace.get("inference.flags")
    warm = np.zeros(latency.values.size, dtype=np.bool_)
    if flags is not None:
        warm = (np.nan_to_num(flags.values).astype(np.int64) & WARM_UP_FLAG) > 0
    counts = ~np.isnan(latency.values) & ~warm & (latency.t_s >= since_s)
    found: dict[int, list[float]] = defaultdict(list)
    for lane, value in zip(lanes.values[counts], latency.values[counts], strict=True):
        found[int(lane)].append(float(value))
    return {lane: np.array(values) for lane, values in found.items()}


def _jain(values: Floats) -> float:
    """Return 1 where all are served alike, 1/n where one has everything."""
    square = float((values**2).sum())
    return float(values.sum() ** 2 / (values.size * square)) if square else 1.0
