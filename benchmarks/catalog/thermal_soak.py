"""Thermal soak: run flat out until the phone shows what it can sustain."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from benchmarks.analysis.energy import energy_metric
from benchmarks.analysis.lanes import of_lane
from benchmarks.analysis.latency import inferences, latency_metrics, sustained_metrics
from benchmarks.analysis.metrics import Metric
from benchmarks.analysis.minutes import latency_by_minute
from benchmarks.analysis.punctuality import punctuality_metrics
from benchmarks.analysis.ranks import minute_metrics, ranks
from benchmarks.analysis.steady_state import steady_metrics
from benchmarks.analysis.temperatures import temperature_metrics
from benchmarks.analysis.throttling import detect, throttling_metrics
from benchmarks.analysis.validity import judge
from benchmarks.catalog.base import (
    Analysis,
    BenchmarkSpec,
    Load,
    WorkloadName,
    WorkloadNames,
    phases_of,
    refuse_light,
)
from benchmarks.trace import Trace


class ThermalSoak(BenchmarkSpec):
    """One inference after the other for a given time, while the phone heats up."""

    kind: Literal["thermal_soak"] = "thermal_soak"
    workload: WorkloadName = Field("resnet50", description="The network to run.")
    duration_s: float = Field(
        1800.0, ge=1, le=7200, description="How long the load runs, in device time. [s]"
    )
    threads: int = Field(2, ge=1, le=8, description="Threads of each inference. [1]")
    period_ms: float = Field(
        0.0,
        validate_default=True,
        ge=0,
        le=10_000,
        description="From one start to the next; 0 is back to back. [ms]",
    )
    sample_hz: float = Field(
        10.0, ge=1, le=100, description="How often the fast sensors are read. [Hz]"
    )
    beside: WorkloadNames = Field(
        (),
        max_length=3,
        description="Other networks that run back to back at the same time, up to three.",
    )

    @field_validator("period_ms")
    @classmethod
    def _paced_if_light(cls, period_ms: float, found: ValidationInfo) -> float:
        why = refuse_light(found.data["workload"]) if "workload" in found.data else ""
        if why and not period_ms:
            raise ValueError(f"{why}; give a period of 5 ms or more")
        return period_ms

    @field_validator("beside")
    @classmethod
    def _heavy_enough(cls, beside: tuple[str, ...]) -> tuple[str, ...]:
        for why in filter(None, map(refuse_light, beside)):
            raise ValueError(f"{why}; choose a larger network")
        return beside

    @property
    def planned_s(self) -> float:
        """How long the load will run [s of device time]."""
        return self.duration_s

    def loads(self) -> tuple[Load, ...]:
        """Return the lane of the workload, and one for each beside it."""
        load = Load(
            workload=self.workload,
            threads=self.threads,
            duration_s=self.duration_s,
            period_s=self.period_ms / 1000,
            sample_hz=self.sample_hz,
        )
        return (load, *(replace(load, workload=name, period_s=0.0) for name in self.beside))

    def analyze(self, trace: Trace) -> Analysis:
        """Return when it throttled, what that cost, and what it can sustain."""
        whole, trace = trace, of_lane(trace, 0)
        seen = detect(trace)
        metrics = (
            *throttling_metrics(trace, seen),
            *latency_metrics(trace),
            *sustained_metrics(trace),
            *steady_metrics(trace),
            *minute_metrics(latency_by_minute(trace)),
            *self._deadlines(trace),
            *temperature_metrics(trace),
            energy_metric(whole),
        )
        details = {
            **seen.details(),
            "phases": phases_of(trace),
            "latency_by_minute_ms": latency_by_minute(trace),
            **self._side_by_side(whole),
        }
        return Analysis(metrics, judge(whole), details)

    def _side_by_side(self, trace: Trace) -> dict[str, Any]:
        """Return each network's minutes and their order, where several ran."""
        if not self.beside:
            return {}
        names = (self.workload, *self.beside)
        minutes = {
            f"{lane}: {name}": latency_by_minute(of_lane(trace, lane))
            for lane, name in enumerate(names)
        }
        return {"minutes_of_each_ms": minutes, "ranks": ranks(minutes)}

    def _deadlines(self, trace: Trace) -> Sequence[Metric]:
        """Return how a paced soak keeps its pace: each inference has one period."""
        if not self.period_ms:
            return ()
        return punctuality_metrics(inferences(trace).latency_s, self.period_ms / 1000)
