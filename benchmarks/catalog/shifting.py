"""Shifting: one network in several sizes, and a policy that chooses among them while it runs."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from benchmarks.analysis.decisions import decision_lag
from benchmarks.analysis.energy import energy_metric
from benchmarks.analysis.latency import latency_metrics, sustained_metrics
from benchmarks.analysis.metrics import Metric
from benchmarks.analysis.minutes import latency_by_minute
from benchmarks.analysis.temperatures import temperature_metrics
from benchmarks.analysis.throttling import detect, throttling_metrics
from benchmarks.analysis.validity import judge
from benchmarks.analysis.variants import Shifting as Found
from benchmarks.analysis.variants import (
    possible_gain,
    shifting_details,
    shifting_metrics,
    shifting_of,
)
from benchmarks.catalog.base import Analysis, BenchmarkSpec, Load, listed, phases_of
from benchmarks.trace import Trace
from benchmarks.variants import FamilyName, accuracies_of, variants_of

Numbers = Annotated[tuple[float, ...], BeforeValidator(listed)]


class Shifting(BenchmarkSpec):
    """Inferences of a network whose size a policy changes, so that the phone need not throttle."""

    kind: Literal["shifting"] = "shifting"
    family: FamilyName = Field("resnet50", description="The network that has several widths.")
    widths: Numbers = Field(
        (1.0, 0.25), description="Which of its widths a policy may run, largest first."
    )
    accuracies: Numbers = Field(
        (),
        description="Top-1 of each width; empty takes the published ones. [1]",
    )
    shared_weights: bool = Field(
        False, description="One set of weights for all widths; if not, each shift reads its own."
    )
    duration_s: float = Field(
        1800.0, ge=1, le=7200, description="How long the load runs, in device time. [s]"
    )
    threads: int = Field(2, ge=1, le=8, description="Threads of each inference. [1]")
    period_ms: float = Field(
        0.0, ge=0, le=10_000, description="From one start to the next; 0 is back to back. [ms]"
    )
    sample_hz: float = Field(
        10.0, ge=1, le=100, description="How often the fast sensors are read. [Hz]"
    )

    @field_validator("widths")
    @classmethod
    def _exist(cls, widths: tuple[float, ...], info: ValidationInfo) -> tuple[float, ...]:
        if "family" in info.data:
            variants_of(info.data["family"], widths)
        return widths

    @field_validator("accuracies")
    @classmethod
    def _fall(cls, accuracies: tuple[float, ...], info: ValidationInfo) -> tuple[float, ...]:
        if "family" in info.data and "widths" in info.data:
            accuracies_of(info.data["family"], info.data["widths"], accuracies)
        return accuracies

    @property
    def planned_s(self) -> float:
        """How long the load will run [s of device time]."""
        return self.duration_s

    def loads(self) -> tuple[Load, ...]:
        """Return the one lane whose variants a policy chooses among."""
        variants = variants_of(self.family, self.widths)
        load = Load(
            workload=variants[0],
            threads=self.threads,
            duration_s=self.duration_s,
            period_s=self.period_ms / 1000,
            sample_hz=self.sample_hz,
            variants=variants,
            shares_weights=self.shared_weights,
        )
        return (load,)

    def analyze(self, trace: Trace) -> Analysis:
        """Return what shifting cost in accuracy and gained in time."""
        seen, variants = detect(trace), variants_of(self.family, self.widths)
        accuracies, source = accuracies_of(self.family, self.widths, self.accuracies)
        found = shifting_of(trace, variants)
        metrics = (
            *_of_one_variant(throttling_metrics(trace, seen), found),
            *(() if found.shifts else (possible_gain(trace, seen),)),
            *shifting_metrics(found, dict(zip(variants, accuracies, strict=True)), source),
            decision_lag(trace),
            *latency_metrics(trace),
            *sustained_metrics(trace),
            *temperature_metrics(trace),
            energy_metric(trace),
        )
        details = {
            **seen.details(),
            **shifting_details(found),
            "phases": phases_of(trace),
            "latency_by_minute_ms": latency_by_minute(trace),
        }
        return Analysis(metrics, judge(trace), details)


_MIXED = ("cool_p50_ms", "hot_p50_ms", "k")


def _of_one_variant(metrics: Sequence[Metric], found: Found) -> Sequence[Metric]:
    """Return these without medians that would compare one variant with another."""
    if not found.shifts:
        return metrics
    note = "variants differ in latency"
    return [replace(m, value=None, note=note) if m.name in _MIXED else m for m in metrics]
