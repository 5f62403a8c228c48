"""Multi-tenant: several applications on one phone, and a policy that says who gets what."""

from typing import Any, Literal, Self

from pydantic import (
    Field,
    model_validator,
)

from benchmarks.analysis.churn import churn_metric, churn_reasons
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
    phases_of,
    refuse_light,
)
from benchmarks.catalog.tenant_spec import Tenants, TenantSpec
from benchmarks.objections import Objection
from benchmarks.policies.base import PolicySpec
from benchmarks.policies.tenancy.base import TenancyPolicy
from benchmarks.policies.tenancy.churn import Churn, Timeline
from benchmarks.trace import Trace

PROFILE_LANE = 7  # runs one variant after another before the tenants come
MOST_TENANTS = PROFILE_LANE  # every tenant has a lane of its own
LONGEST_PROFILING_S = 1200.0  # of device time; then something hangs
PROFILE_S = 4.0  # what profiling one variant is expected to take [s of device time]


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
        "that counts double; the page of workloads lists the families, and your own networks are "
        "one as my-large=76+my-small=65. [%, ms]",
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
            churn_metric(trace),
            *throttling_metrics(served, seen),
            decision_lag(trace),
            *latency_metrics(served),
            *temperature_metrics(served),
            energy_metric(served),
        )
        details = {**seen.details(from_s), "phases": phases_of(trace), **tenancy_details(trace)}
        return Analysis(
            metrics, judge(trace, (*tenancy_reasons(trace), *churn_reasons(trace))), details
        )
