"""How long the sharing policies think, and how long the paper's traces take to replay.

Tenants come and go among those that a phone knows: what one costs is computed when it first comes.
"""

from random import Random

from benchmarks.policies.tenancy.base import GreedyPolicy
from benchmarks.policies.tenancy.cached import Cached
from benchmarks.policies.tenancy.churn import Timeline
from benchmarks.policies.tenancy.min_max import MinMax
from benchmarks.policies.tenancy.min_total import MinTotal
from benchmarks.policies.tenancy.tenants import Rung, Tenant
from benchmarks.reproductions.nestdnn import TRACES
from benchmarks.reproductions.nestdnn.churn import draw
from benchmarks.reproductions.nestdnn.profile import tenants
from benchmarks.reproductions.nestdnn.simulation import score
from devices.clock import HOST, NS_PER_S
from tests.performance.figures import Figure

TENANTS, VARIANTS, KNOWN, DECISIONS = 10, 5, 40, 1000
MEMORY_MB = 400.0
_P95 = 0.95


def measure() -> list[Figure]:
    """Decide for other tenants each time, then replay the traces of one policy."""
    policies = (MinTotal(unit=0.01), MinMax(unit=0.01), Cached(unit=0.01))
    return [*(_decide(policy) for policy in policies), _replay()]


def _decide(policy: GreedyPolicy) -> Figure:
    dice, sharing = Random(1), policy.sharing()
    known = [_tenant(dice, number) for number in range(KNOWN)]
    took_s = []
    for _ in range(DECISIONS):
        guests = dice.sample(known, TENANTS)
        began_ns = HOST.now_ns()
        sharing.allot(guests, MEMORY_MB)
        took_s.append((HOST.now_ns() - began_ns) / NS_PER_S)
    p95_ms = sorted(took_s)[int(_P95 * DECISIONS)] * 1e3
    name = f"{policy.kind} decides for {TENANTS} × {VARIANTS}, 95th percentile"
    return Figure(name, f"{p95_ms:.2f} ms", "", p95_ms, "ms", 1.0)


def _tenant(dice: Random, number: int) -> Tenant:
    """Return an application whose variants grow more accurate as they grow slower."""
    accuracies = sorted(dice.uniform(50, 80) for _ in range(VARIANTS))
    latencies = sorted(dice.uniform(0.005, 0.1) for _ in range(VARIANTS))
    sizes = sorted(dice.uniform(2, 60) for _ in range(VARIANTS))
    rungs = tuple(
        Rung(f"v{place}", *figures)
        for place, figures in enumerate(zip(accuracies, latencies, sizes, strict=True))
    )
    return Tenant(f"app{number}", rungs, accuracies[0], dice.uniform(0.02, 0.2))


def _replay() -> Figure:
    timelines: list[Timeline] = [draw(list(tenants()), number) for number in range(TRACES)]
    began_ns = HOST.now_ns()
    score(MinTotal(), tenants(), timelines)
    took_s = (HOST.now_ns() - began_ns) / NS_PER_S
    name = f"{TRACES} traces of a minute for one policy"
    return Figure(name, f"{took_s:.2f} s", "", took_s, "s", 10.0)
