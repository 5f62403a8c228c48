"""The six applications of NestDNN as tenants; their latencies are assumed."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from benchmarks.families.applications import Application, applications
from benchmarks.policies.tenancy.tenants import Rung, Tenant

GFLOP_PER_S = 38.0  # of the whole phone, assumed: the paper prints no latency at a full share
MAX_LATENCY_S = 0.1  # assumed; see the sensitivity in the report


@cache
def tenants(max_latency_s: float = MAX_LATENCY_S) -> Mapping[str, Tenant]:
    """Return the applications with their nested variants."""
    return {
        name: _tenant(name, application, application.descendant_pct, max_latency_s)
        for name, application in applications().items()
    }


def _tenant(
    name: str, application: Application, accuracies: tuple[float, ...], max_latency_s: float
) -> Tenant:
    rungs = tuple(
        Rung(f"{name}-{at}", accuracy, gflops / GFLOP_PER_S, size_mb)
        for at, (accuracy, gflops, size_mb) in enumerate(
            zip(accuracies, application.gflops, application.size_mb, strict=True)
        )
    )
    usual_pct, knee = application.status_quo_pct, application.knee
    alone = replace(rungs[knee], variant=f"{name}-alone", accuracy_pct=usual_pct)
    return Tenant(name, rungs, usual_pct, max_latency_s, knee, alone)
