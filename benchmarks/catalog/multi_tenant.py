"""Multi-tenant: several applications on one phone, and a policy that says who gets what."""

from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_serializer,
    model_validator,
)

from benchmarks.analysis.decisions import decision_lag
from benchmarks.analysis.energy import energy_metric
from benchmarks.analysis.latency import latency_metrics
from benchmarks.analysis.temperatures import temperature_metrics
from benchmarks.analysis.tenancy import tenancy_details, tenancy_metrics
from benchmarks.analysis.throttling import detect, throttling_metrics
from benchmarks.analysis.validity import judge
from benchmarks.catalog.base import Analysis, BenchmarkSpec, Load, listed, phases_of
from benchmarks.objections import Objection
from benchmarks.policies.tenancy.churn import Churn, Timeline
from benchmarks.trace import Trace
from benchmarks.variants import FAMILIES, FamilyName, variants_of

PROFILE_LANE = 7  # runs one variant after another before the tenants come
MOST_TENANTS = PROFILE_LANE  # every tenant has a lane of its own
PROFILE_S = 4.0  # what profiling one variant is expected to take [s of device time]


class TenantSpec(BaseModel):
    """One application: its network, and what its user expects."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    family: FamilyName
    min_accuracy_pct: float = Field(gt=0, le=100)
    max_latency_ms: float = Field(gt=0, le=60_000)

    @model_serializer
    def _as_written(self) -> str:
        return f"{self.family}:{self.min_accuracy_pct:g}:{self.max_latency_ms:g}"

    @property
    def knee(self) -> int:
        """The one variant that it would use without a policy: the last that gains much.

        That is the point of accuracy over cost farthest from the chord, as NestDNN's baseline
        is described; where a family says what an application has alone, it is as large as that.
        """
        found = FAMILIES[self.family]
        widths = sorted(found.top1)
        if found.alone is not None:
            return widths.index(found.alone.width)
        span = found.top1[widths[-1]] - found.top1[widths[0]]
        gained = [(found.top1[w] - found.top1[widths[0]]) / span for w in widths]
        cost = [(w - widths[0]) / (widths[-1] - widths[0]) for w in widths]
        return max(range(len(widths)), key=lambda at: gained[at] - cost[at])

    @property
    def variants(self) -> tuple[str, ...]:
        """Its workloads, the smallest first."""
        widths = sorted(FAMILIES[self.family].top1, reverse=True)
        return tuple(reversed(variants_of(self.family, widths)))

    @property
    def workloads(self) -> tuple[str, ...]:
        """All that it may run: its variants, and what it has where nothing is nested."""
        alone = FAMILIES[self.family].alone
        return self.variants if alone is None else (*self.variants, alone.workload)


def _tenant(value: Any) -> Any:
    """Read `resnet50:74:400` as a form or a command line gives it."""
    if not isinstance(value, str):
        return value
    parts = value.split(":")
    if len(parts) != 3:
        raise ValueError(
            f"{value!r} is not family:accuracy:latency, such as resnet50:74:400"
            " (the accuracy its user expects in %, the latency in ms)"
        )
    family, accuracy, latency = parts
    return {"family": family, "min_accuracy_pct": accuracy, "max_latency_ms": latency}


Tenants = Annotated[
    tuple[Annotated[TenantSpec, BeforeValidator(_tenant)], ...], BeforeValidator(listed)
]
_DEFAULT = (
    TenantSpec(family="mobilenet_v2", min_accuracy_pct=68, max_latency_ms=150),
    TenantSpec(family="mobilenet_v2", min_accuracy_pct=64, max_latency_ms=80),
    TenantSpec(family="mobilenet_v2", min_accuracy_pct=70, max_latency_ms=300),
    TenantSpec(family="resnet50", min_accuracy_pct=72, max_latency_ms=800),
    TenantSpec(family="resnet50", min_accuracy_pct=65, max_latency_ms=400),
)


class MultiTenant(BenchmarkSpec):
    """Applications that come and go on one phone, each with a network in several sizes."""

    kind: Literal["multi_tenant"] = "multi_tenant"
    tenants: Tenants = Field(
        _DEFAULT,
        description="The applications, each family:accuracy:latency. [%, ms]",
    )
    duration_s: float = Field(
        60.0, ge=5, le=3600, description="How long they come and go, in device time. [s]"
    )
    fewest: int = Field(2, ge=1, le=MOST_TENANTS, description="So many are always there. [1]")
    most: int = Field(5, ge=1, le=MOST_TENANTS, description="Never more than these. [1]")
    p_create: float = Field(
        0.4, ge=0, le=1, description="Chance per second that one more comes. [1]"
    )
    p_kill: float = Field(0.28, ge=0, le=1, description="Chance per second that one goes. [1]")
    memory_mb: float = Field(
        400.0, gt=0, le=16_384, description="What all their weights may take together. [MB]"
    )
    threads: int = Field(2, ge=1, le=8, description="Threads of each inference. [1]")
    sample_hz: float = Field(
        10.0, ge=1, le=100, description="How often the fast sensors are read. [Hz]"
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        count = len(self.tenants)
        if not 1 <= count <= MOST_TENANTS:
            raise Objection(
                "tenants", f"tenants has {count} applications, 1 to {MOST_TENANTS} can be there"
            )
        if not self.fewest <= self.most <= count:
            raise Objection(
                "most",
                f"fewest {self.fewest} ≤ most {self.most} ≤ {count} tenants does not hold:"
                " name more tenants or lower most",
            )
        if self.p_create + self.p_kill > 1:
            raise Objection(
                "p_kill",
                f"p_create {self.p_create:g} and p_kill {self.p_kill:g} are more than 1 together: "
                "lower one of them",
            )
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """What the tenants are called: their family and their number."""
        return tuple(f"{tenant.family}#{at}" for at, tenant in enumerate(self.tenants))

    @property
    def planned_s(self) -> float:
        """How long the load will run, profiling included [s of device time]."""
        variants = {name for tenant in self.tenants for name in tenant.workloads}
        return self.duration_s + PROFILE_S * len(variants)

    def facts(self) -> dict[str, Any]:
        """Return what tenants may take together."""
        return {"memory_mb": self.memory_mb}

    def loads(self) -> tuple[Load, ...]:
        """Return one lane per tenant; which of them run, and when, is the churn's affair."""
        return tuple(
            Load(
                workload=tenant.variants[0],
                threads=self.threads,
                duration_s=self.duration_s,
                period_s=0.0,
                sample_hz=self.sample_hz,
                variants=tenant.workloads,
            )
            for tenant in self.tenants
        )

    def timeline(self, seed: int) -> Timeline:
        """Return who is there in each second."""
        churn = Churn(self.fewest, self.most, self.p_create, self.p_kill)
        return churn.draw(self.names, seed, round(self.duration_s))

    def analyze(self, trace: Trace) -> Analysis:
        """Return how each tenant was served, how fairly, and what that cost."""
        seen = detect(trace)
        metrics = (
            *tenancy_metrics(trace),
            *throttling_metrics(trace, seen),
            decision_lag(trace),
            *latency_metrics(trace),
            *temperature_metrics(trace),
            energy_metric(trace),
        )
        details = {**seen.details(), "phases": phases_of(trace), **tenancy_details(trace)}
        return Analysis(metrics, judge(trace), details)
