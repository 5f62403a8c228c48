"""Clocks inside an inference: a paced load with deadlines, and a policy that plans its clocks."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from benchmarks.analysis.deadlines import DVFS, deadline_metrics, punctuality_quantiles
from benchmarks.analysis.energy import energy_metric
from benchmarks.analysis.latency import latency_metrics
from benchmarks.analysis.segments import residency, ribbon, segment_metrics
from benchmarks.analysis.temperatures import temperature_metrics
from benchmarks.analysis.throttling import detect
from benchmarks.analysis.validity import judge
from benchmarks.arrivals import Arrivals
from benchmarks.catalog.base import (
    BEST_MACS_PER_S,
    Analysis,
    BenchmarkSpec,
    Grid,
    Load,
    WorkloadName,
    phases_of,
)
from benchmarks.catalog.dvfs_regret import regret
from benchmarks.objections import Objection
from benchmarks.policies.base import PolicySpec
from benchmarks.policies.dvfs.phone_policy import ClockPolicy, static_pair_of
from benchmarks.policies.dvfs.stage import STAGE, Processor, stage_of
from benchmarks.trace import Trace
from benchmarks.workloads import workload_files

WHY = (
    "A runtime that finishes early wastes energy, because the highest clocks are the dearest. This "
    "kind releases one inference per interval and asks what the whole interval costs, waiting "
    "included: energy counted only while something runs would favor racing, or crawling. First it "
    "rehearses: each operator at each pair of clocks of the cores (or the GPU) and the memory. "
    "Then the policy makes its plan, and the phone carries it out. The best single pair of clocks "
    "stands beside every result, because most of what a schedule saves, one good pair saves too; "
    "so does its regret, the energy over that of the cheapest plan that the rehearsal allowed. "
    "Clocks can only be written with root rights; without them a run is advisory and chooses cores "
    "and pace only."
)


class Dvfs(BenchmarkSpec):
    """One inference per interval, at clocks that a policy plans from a rehearsal."""

    kind: Literal["dvfs"] = "dvfs"
    workload: WorkloadName = Field("mobilenet_v2", description="The network to run.")
    duration_s: float = Field(
        120.0, ge=1, le=7200, description="How long the load runs, in device time. [s]"
    )
    period_ms: float = Field(
        0.0, ge=0, le=60_000, description="From one release to the next, and the deadline; 0 takes "
        "the slack. [ms]",
    )  # fmt: skip
    slack: float = Field(
        1.5, ge=1, le=10, description="The interval over the shortest time of one inference. [1]"
    )
    jitter: float = Field(
        0.0, ge=0, le=1, description="Each release comes late by up to this share of the interval; "
        "its deadline moves with it. [1]",
    )  # fmt: skip
    processor: Processor = Field(
        "cpu", description="What computes, and whose clock is planned beside the memory's."
    )
    threads: int = Field(
        2, ge=1, le=8, description="Threads of each inference; a GPU is fed by one. [1]"
    )
    cluster: str = Field(
        "", max_length=16, description="Which cores it stays on: little, mid, big or prime; empty "
        "takes the fastest that have room. Not for a GPU.",
    )  # fmt: skip
    mode: Literal["auto", "root", "advisory"] = Field(
        "auto", description="Write clocks (root), only choose cores and pace (advisory), or what "
        "the phone allows.",
    )  # fmt: skip
    grid_cores: int = Field(
        6,
        ge=2,
        le=12,
        description="Clocks of cores or GPU to rehearse, at most; policy oracle takes all. [1]",
    )
    grid_memory: int = Field(
        3,
        ge=1,
        le=6,
        description="Memory clocks to rehearse, at most; policy oracle takes all. [1]",
    )
    repeats: int = Field(
        5, ge=3, le=50, description="Inferences of each pair that are timed by operator. [1]"
    )
    sample_hz: float = Field(
        10.0, ge=1, le=100, description="How often the fast sensors are read. [Hz]"
    )

    @model_validator(mode="after")
    def _gpu_has_no_cluster(self) -> Self:
        """Refuse cores where no core computes."""
        if self.processor == "gpu" and self.cluster:
            raise Objection(
                "cluster",
                f"cluster = '{self.cluster}' chooses cores, and processor = 'gpu' computes on "
                "none: leave `cluster` empty",
            )
        return self

    @field_validator("period_ms")
    @classmethod
    def _can_be_met(cls, period_ms: float, info: ValidationInfo) -> float:
        """Refuse a deadline that no phone could meet; what this one can, its rehearsal tells."""
        if period_ms and "workload" in info.data:
            best_ms = 1000 * workload_files(info.data["workload"]).network.macs / BEST_MACS_PER_S
            if period_ms < best_ms:
                raise ValueError(
                    f"is below the race time, which is {best_ms:.2g} ms even on a phone of "
                    f"{BEST_MACS_PER_S / 1e12:g} TMAC/s: raise it, or write 0 and give `slack`"
                )
        return period_ms

    @property
    def planned_s(self) -> float:
        """How long the load will run [s of device time]."""
        return self.duration_s

    @property
    def sets_knobs(self) -> bool:
        """Whether clocks may be written."""
        return self.mode != "advisory"

    def refuse_policy(self, policy: PolicySpec) -> None:
        """Refuse a policy that writes clocks where the run is advisory. Raises Objection."""
        if self.mode == "advisory" and isinstance(policy, ClockPolicy) and policy.writes_clocks:
            raise Objection(
                "benchmark.mode",
                f"policy {policy.kind} writes clocks, and mode = 'advisory' does not; use "
                "neurobalancer or static_pair, or mode = 'root' on a rooted phone",
            )

    def grid(self) -> Grid:
        """Return what must be rehearsed."""
        return Grid(
            mode=self.mode,
            cluster=self.cluster,
            threads=self.threads,
            cores=self.grid_cores,
            memory=self.grid_memory,
            repeats=self.repeats,
            slack=self.slack,
            period_s=self.period_ms / 1000,
            processor=self.processor,
        )

    def loads(self) -> tuple[Load, ...]:
        """Return the one lane, whose pace is only known after the rehearsal."""
        return self.loads_after({})

    def loads_after(self, findings: Mapping[str, Any]) -> tuple[Load, ...]:
        """Return the one lane at the pace and on the cores that the rehearsal has settled."""
        stage = stage_of(findings)
        period_s = stage.period_s if stage else self.period_ms / 1000
        settings: dict[str, Any] = {}
        if stage:
            settings = {
                "processor": stage.processor,
                "mask": stage.mask,
                "deadline_us": round(period_s * 1e6),
            }
        load = Load(
            workload=self.workload,
            threads=self.threads,
            duration_s=self.duration_s,
            period_s=period_s,
            sample_hz=self.sample_hz,
            deadline_s=period_s or None,
            settings=settings,
            arrivals=Arrivals(jitter=self.jitter),
        )
        return (load,)

    def analyze(self, trace: Trace) -> Analysis:
        """Return what an interval cost, how punctual it was, and how good the predictions were."""
        baselines = trace.events_of("baseline")
        findings = baselines[-1].data if baselines else {}
        stage = stage_of(findings)
        plans = trace.events_of("planned")
        plan = plans[-1].data if plans else {}
        energy = energy_metric(trace)
        possible = regret(trace, stage, energy)
        metrics = (
            *deadline_metrics(trace, stage.period_s if stage else None),
            energy,
            *possible.metrics,
            *segment_metrics(trace),
            # Ending early is no virtue where there is a deadline.
            *(replace(metric, better=None) for metric in latency_metrics(trace)),
            *temperature_metrics(trace),
        )
        details: dict[str, Any] = {**detect(trace).details(), "phases": phases_of(trace)}
        if stage:
            details[DVFS] = {
                "mode": stage.mode,
                "processor": stage.processor,
                "cluster": stage.cluster,
                "period_ms": stage.period_s * 1000,
                "source": stage.source,
                "static_pair": static_pair_of(stage),
                "plan": dict(plan),
                "ribbon": ribbon(trace),
                "residency": residency(trace),
                "pareto": _pareto(findings),
                "oracle": possible.details,
                "punctuality_quantiles": punctuality_quantiles(trace, stage.period_s),
            }
        return Analysis(metrics, judge(trace), details)


def _pareto(findings: Mapping[str, Any]) -> list[list[float]]:
    """Return latency [ms] and energy of the interval [mJ] of every rehearsed pair, with clocks."""
    stage = stage_of({STAGE: findings.get(STAGE)})
    if stage is None:
        return []
    table = stage.table
    rows = []
    for point in range(table.points):
        time_s = float(table.time_s[:, point].sum())
        busy_j = float(table.energy_j[:, point].sum())
        joule = busy_j + table.idle_w * max(0.0, stage.period_s - time_s)
        rows.append([round(time_s * 1e3, 3), round(joule * 1e3, 3), *map(float, table.khz(point))])
    return rows
