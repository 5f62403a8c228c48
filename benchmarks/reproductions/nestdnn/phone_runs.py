"""The six applications on a phone: what is run there, and how it is scored."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from benchmarks.catalog.multi_tenant import MultiTenant
from benchmarks.catalog.tenancy_gain import compared
from benchmarks.catalog.tenant_spec import TenantSpec
from benchmarks.families.applications import Application, applications
from benchmarks.figures import Subject
from benchmarks.policies.tenancy.min_max import MinMax
from benchmarks.policies.tenancy.min_total import MinTotal
from benchmarks.policies.tenancy.status_quo import StatusQuo
from benchmarks.policies.tenancy.tenants import Rung, Tenant
from benchmarks.reproductions.nestdnn.churn import CHURN
from benchmarks.reproductions.nestdnn.curve import Curve
from benchmarks.reproductions.nestdnn.profile import MAX_LATENCY_S
from benchmarks.reproductions.nestdnn.simulation import MEMORY_MB, Score, score
from benchmarks.solo import Outcome
from benchmarks.specs import RunSpec
from benchmarks.variants import variants_of

Measure = Callable[[RunSpec], Outcome]
Greedy = MinTotal | MinMax

#: Points per millisecond on a phone of GFLOP_PER_S; on a faster one latencies, their limit and
#: lateness shrink, so that a millisecond of it costs more.
ALPHAS = (0.005, 0.02, 0.05, 0.1, 0.2, 0.5)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a phone."""

    seed: int
    duration_s: float = 300.0  # of the churn, in device time
    names: tuple[str, ...] = tuple(applications())
    alphas: tuple[float, ...] = ALPHAS
    scale: float = 1.0  # the phone's capacity over GFLOP_PER_S

    @property
    def applications(self) -> Sequence[Application]:
        """Who comes and goes."""
        return [applications()[name] for name in self.names]

    @property
    def max_latency_s(self) -> float:
        """L_max, the same question on a faster phone [s]."""
        return MAX_LATENCY_S / self.scale

    @property
    def benchmark(self) -> MultiTenant:
        """The churn, and what everybody expects."""
        tenants = tuple(
            TenantSpec(
                family=one.family,
                min_accuracy_pct=one.status_quo_pct,
                max_latency_ms=1e3 * self.max_latency_s,
            )
            for one in self.applications
        )
        return MultiTenant(
            tenants=tenants,
            duration_s=self.duration_s,
            fewest=min(CHURN.fewest, len(tenants)),
            most=min(CHURN.most, len(tenants)),
            p_create=CHURN.p_create,
            p_kill=CHURN.p_kill,
            memory_mb=MEMORY_MB,
        )

    def spec(self, policy: Greedy | StatusQuo) -> RunSpec:
        """Return one run of it."""
        return RunSpec(benchmark=self.benchmark, policy=policy, seed=self.seed)

    def greedy(self, scheme: type[Greedy], alpha: float) -> Greedy:
        """Return a scheme, its α given as for a phone of GFLOP_PER_S."""
        return scheme(alpha=alpha * self.scale)


def capacity_gflop_per_s(usual: Outcome, question: Question) -> float:
    """Return what the phone computes alone: the work of all descendants over their latencies."""
    latency_s = {r.variant: r.latency_s for tenant in profiled(usual) for r in tenant.rungs}
    names = [
        name for one in question.applications for name in variants_of(one.family, one.widths[::-1])
    ]
    gflops = sum(sum(one.gflops) for one in question.applications)
    return gflops / sum(latency_s[name] for name in names)


def profiled(outcome: Outcome) -> Sequence[Tenant]:
    """Return the tenants as a run found them: with this phone's latencies."""
    (told,) = outcome.trace.events_of("tenants")
    return [
        Tenant(
            one["name"],
            tuple(Rung(**rung) for rung in one["rungs"]),
            one["min_accuracy_pct"],
            one["max_latency_s"],
            alone=Rung(**one["alone"]),
        )
        for one in told.data["tenants"]
    ]


def score_of(ours: Outcome, usual: Sequence[Outcome]) -> Score:
    """Return what a policy gave on the same churn as the status quo."""
    pair = compared([_subject(ours)], [_subject(one) for one in usual])
    if pair is None:
        raise ValueError("no application was there both under the policy and under the status quo")
    speedup, points = pair
    return Score(points, speedup, fmean(map(_energy_mj, usual)) / _energy_mj(ours))


def value_of(outcome: Outcome, name: str) -> float | None:
    """Return a metric of a run."""
    return {metric.name: metric.value for metric in outcome.analysis.metrics}[name]


def expected(scheme: type[Greedy], question: Question, usual: Outcome) -> Curve:
    """Return what the computed table's model says of this churn, at this phone's latencies.

    It has shares that hold at once, frames in parts, and no host that looks now and then.
    """
    within_s = question.max_latency_s
    tenants = {one.name: replace(one, max_latency_s=within_s) for one in profiled(usual)}
    timeline = question.benchmark.timeline(question.seed)
    scores = [
        score(question.greedy(scheme, alpha), tenants, [timeline]) for alpha in question.alphas
    ]
    return Curve(question.alphas, tuple(scores))


def _energy_mj(outcome: Outcome) -> float:
    """Return the energy of the whole phone per inference [mJ]; NaN where nothing tells it."""
    value = value_of(outcome, "energy_mj")
    return float("nan") if value is None else value


def _subject(outcome: Outcome) -> Subject:
    return Subject(0, 0, "", {}, outcome.analysis.details)
