"""Shifting: one network in several sizes, and a policy that chooses among them while it runs."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    Field,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    field_validator,
    model_serializer,
    model_validator,
)

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
from benchmarks.catalog.base import (
    Analysis,
    BenchmarkSpec,
    Load,
    WorkloadNames,
    listed,
    phases_of,
    refuse_light,
)
from benchmarks.objections import Objection
from benchmarks.own_variants import OWN_SOURCE, refuse_disorder
from benchmarks.trace import Trace
from benchmarks.variants import FamilyName, accuracies_of, refuse_rising, variants_of

Numbers = Annotated[tuple[float, ...], BeforeValidator(listed)]


class Shifting(BenchmarkSpec):
    """Inferences of a network whose size a policy changes, so that the phone need not throttle."""

    kind: Literal["shifting"] = "shifting"
    family: FamilyName = Field("resnet50", description="The network that has several widths.")
    widths: Numbers = Field(
        (1.0, 0.25), description="Which of its widths a policy may run, largest first."
    )
    networks: WorkloadNames = Field(
        (),
        max_length=8,
        description="Networks of your own in place of a family and its widths, largest first; "
        "`accuracies` must say how good each is.",
    )
    accuracies: Numbers = Field(
        (),
        description="Top-1 of each width or network; empty takes the published ones. [1]",
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
        if not info.data.get("networks") and {"family", "widths"} <= info.data.keys():
            accuracies_of(info.data["family"], info.data["widths"], accuracies)
        return accuracies

    @model_validator(mode="after")
    def _own_networks_fit(self) -> Self:
        """Refuse networks of a user's own that are no variants of one another."""
        if not self.networks:
            return self
        try:
            refuse_disorder(self.networks)
        except ValueError as error:
            raise Objection("networks", f"networks: {error}") from error
        if not self.accuracies:
            raise Objection(
                "accuracies",
                f"accuracies is empty: nobody published one of {', '.join(self.networks)}; "
                f"give {len(self.networks)} numbers, such as 0.76, 0.65",
            )
        try:
            refuse_rising(self.accuracies, self.networks, "networks")
        except ValueError as error:
            raise Objection("accuracies", f"accuracies: {error}") from error
        if self.shared_weights:
            raise Objection(
                "shared_weights",
                "shared_weights = true: networks of your own have files of their own, so each "
                "shift reads its weights; use false",
            )
        if not self.period_ms and (why := refuse_light(self.networks[-1])):
            raise Objection("period_ms", f"period_ms = 0: {why}; give a period of 5 ms or more")
        return self

    @model_serializer(mode="wrap")
    def _without_what_stands_aside(self, usual: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave the family out of the record where networks stand in its place."""
        told: dict[str, Any] = usual(self)
        aside = ("family", "widths") if self.networks else ("networks",)
        return {name: value for name, value in told.items() if name not in aside}

    @property
    def variants(self) -> tuple[str, ...]:
        """The workloads that a policy may run, the largest first."""
        return self.networks or variants_of(self.family, self.widths)

    @property
    def top1(self) -> tuple[tuple[float, ...], str]:
        """Accuracy of each variant [1], and where it is from."""
        if self.networks:
            return self.accuracies, OWN_SOURCE
        return accuracies_of(self.family, self.widths, self.accuracies)

    @property
    def planned_s(self) -> float:
        """How long the load will run [s of device time]."""
        return self.duration_s

    def loads(self) -> tuple[Load, ...]:
        """Return the one lane whose variants a policy chooses among."""
        load = Load(
            workload=self.variants[0],
            threads=self.threads,
            duration_s=self.duration_s,
            period_s=self.period_ms / 1000,
            sample_hz=self.sample_hz,
            variants=self.variants,
            shares_weights=self.shared_weights,
        )
        return (load,)

    def analyze(self, trace: Trace) -> Analysis:
        """Return what shifting cost in accuracy and gained in time."""
        seen, variants = detect(trace), self.variants
        accuracies, source = self.top1
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
