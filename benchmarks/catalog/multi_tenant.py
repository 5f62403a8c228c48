"""Multi-tenant: several applications on one phone, and a policy that says who gets what."""

from collections.abc import Mapping
from math import nan
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
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
from benchmarks.analysis.tenancy import (
    opened_s,
    tenancy_details,
    tenancy_metrics,
    tenancy_reasons,
)
from benchmarks.analysis.throttling import detect, throttling_metrics
from benchmarks.analysis.validity import judge
from benchmarks.catalog.base import (
    Analysis,
    BenchmarkSpec,
    Load,
    listed,
    phases_of,
    refuse_light,
)
from benchmarks.objections import Objection
from benchmarks.own_variants import Ladder, ladder_of, written
from benchmarks.policies.base import PolicySpec
from benchmarks.policies.tenancy.base import TenancyPolicy
from benchmarks.policies.tenancy.churn import Churn, Timeline
from benchmarks.policies.tenancy.tenants import Rung, Tenant
from benchmarks.trace import Trace
from benchmarks.workloads import weight_bytes_of

PROFILE_LANE = 7  # runs one variant after another before the tenants come
MOST_TENANTS = PROFILE_LANE  # every tenant has a lane of its own
_UNKNOWN: Mapping[str, float] = MappingProxyType({})
LONGEST_PROFILING_S = 1200.0  # of device time; then something hangs
PROFILE_S = 4.0  # what profiling one variant is expected to take [s of device time]


class TenantSpec(BaseModel):
    """One application: its network, and what its user expects."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    family: Annotated[str, AfterValidator(written)] = Field(
        description="Its name, or networks of your own as my-large=76+my-small=65. [top-1 in %]"
    )
    min_accuracy_pct: float = Field(gt=0, le=100)
    max_latency_ms: float = Field(gt=0, le=60_000)
    priority: float = Field(1.0, gt=0, le=100)

    @model_serializer
    def _as_written(self) -> str:
        written = f"{self.family}:{self.min_accuracy_pct:g}:{self.max_latency_ms:g}"
        return written if self.priority == 1.0 else f"{written}:{self.priority:g}"

    @property
    def knee(self) -> int:
        """The one variant that it would use without a policy: the last that gains much.

        That is the point of accuracy over cost farthest from the chord, as NestDNN's baseline
        is described; where a family says what an application has alone, it is as large as that.
        """
        found = self._ladder
        widths, top1 = found.widths, found.top1
        if found.alone is not None:
            return widths.index(found.alone.width)
        gained = [(mine - top1[0]) / (top1[-1] - top1[0]) for mine in top1]
        cost = [(w - widths[0]) / (widths[-1] - widths[0]) for w in widths]
        return max(range(len(widths)), key=lambda at: gained[at] - cost[at])

    @property
    def _ladder(self) -> Ladder:
        return ladder_of(self.family)

    @property
    def title(self) -> str:
        """What it is called: its family, or the largest of its own networks."""
        return self._ladder.name

    @property
    def variants(self) -> tuple[str, ...]:
        """Its workloads, the smallest first."""
        return self._ladder.variants

    @property
    def workloads(self) -> tuple[str, ...]:
        """All that it may run: its variants, and what it has where nothing is nested."""
        found = self._ladder
        return found.variants if found.alone is None else (*found.variants, found.alone.workload)

    def described(self, name: str, latency_s: Mapping[str, float] = _UNKNOWN) -> Tenant:
        """Return it as policies see it; `latency_s` of what it may run, alone on the phone [s]."""
        found = self._ladder

        def rung(variant: str, top1: float) -> Rung:
            weights_mb = weight_bytes_of(variant) / 1e6
            return Rung(variant, 100 * top1, latency_s.get(variant, nan), weights_mb)

        return Tenant(
            name,
            tuple(map(rung, found.variants, found.top1)),
            self.min_accuracy_pct,
            self.max_latency_ms / 1e3,
            self.knee,
            rung(found.alone.workload, found.alone.top1) if found.alone else None,
            self.priority,
        )


def _tenant(value: Any) -> Any:
    """Read `resnet50:74:400` or `resnet50:74:400:2` as a form or a command line gives it."""
    if not isinstance(value, str):
        return value
    parts = value.split(":")
    if len(parts) not in (3, 4):
        raise ValueError(
            f"{value!r} is not family:accuracy:latency, such as resnet50:74:400"
            " (the accuracy its user expects in %, the latency in ms; :2 behind it counts double)"
        )
    family, accuracy, latency = parts[:3]
    found = {"family": family, "min_accuracy_pct": accuracy, "max_latency_ms": latency}
    return found if len(parts) == 3 else {**found, "priority": parts[3]}


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
        description="The applications, each family:accuracy:latency, or with :2 behind it for one "
        "that counts double; your own networks are a family as my-large=76+my-small=65. [%, ms]",
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
        for why in filter(None, (refuse_light(tenant.variants[0]) for tenant in self.tenants)):
            raise Objection("tenants", f"tenants: {why}; leave it out")
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
        """What the tenants are called, with their numbers."""
        return tuple(f"{tenant.title}#{at}" for at, tenant in enumerate(self.tenants))

    @property
    def planned_s(self) -> float:
        """How long the load will run, profiling included [s of device time]."""
        variants = {name for tenant in self.tenants for name in tenant.workloads}
        return self.duration_s + PROFILE_S * len(variants)

    @property
    def longest_s(self) -> float:
        """When a load that still runs is given up [s of device time].

        Each turn of profiling costs the host a moment, which is long on a phone whose time runs
        fast, and longer on a busy machine.
        """
        return super().longest_s + LONGEST_PROFILING_S

    def refuse_policy(self, policy: PolicySpec) -> None:
        """Refuse a policy that cannot share the phone among so many. Raises Objection."""
        if not isinstance(policy, TenancyPolicy):
            return
        if policy.most_at_once is not None and self.most > policy.most_at_once:
            raise Objection(
                "benchmark.most",
                f"most = {self.most}: policy {policy.kind} can think of {policy.most_at_once} "
                f"applications at one time; lower `most` to {policy.most_at_once}, "
                "or take min_total",
            )
        told = map(TenantSpec.described, self.tenants, self.names)
        least_mb = sorted(rung.resident_mb for each in told if (rung := policy.least(each)))
        needed_mb = sum(least_mb[-self.most :])
        if needed_mb > self.memory_mb:
            raise Objection(
                "benchmark.memory_mb",
                f"memory_mb = {self.memory_mb:g}: when {self.most} of these applications are there "
                f"at one time, policy {policy.kind} may need {needed_mb:.1f} MB at their smallest; "
                "raise memory_mb or lower `most`",
            )

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
        """Return how each tenant was served, how fairly, and what that cost.

        What the phone did while its variants were timed alone is nobody's service: heat, latency
        and energy count from when the first tenants came.
        """
        from_s = opened_s(trace)
        served = trace.since(from_s)
        seen = detect(served, is_even=False)
        metrics = (
            *tenancy_metrics(trace),
            *throttling_metrics(served, seen),
            decision_lag(trace),
            *latency_metrics(served),
            *temperature_metrics(served),
            energy_metric(served),
        )
        details = {**seen.details(from_s), "phases": phases_of(trace), **tenancy_details(trace)}
        return Analysis(metrics, judge(trace, tenancy_reasons(trace)), details)
