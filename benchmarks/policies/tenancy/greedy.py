"""Giving out the phone's time in small units, and making what was chosen fit into memory.

Both schemes start every tenant with one unit (with none, its latency would be without bound) and
give unit after unit to the tenant that is first in line; they differ in who that is. On an exact
tie the tenant with the larger cost comes first, then the one that came earlier.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from heapq import heapify, heapreplace

import numpy as np

from benchmarks.policies.tenancy.tenants import Allotment, Costs, Place, Tenant, cost, cost_table

#: best cost [steps] of one tenant, its number of units -> what the heap sorts by, smallest first
Urgency = Callable[[Sequence[float], int], tuple[float, float]]


def largest_decrease(best: Sequence[float], units: int) -> tuple[float, float]:
    """MinTotalCost: first in line is who gains most from one more unit.

    The paper says "smallest cost increase"; more time can only lower a cost, so it is read as the
    largest decrease.
    """
    now = best[units - 1]
    return best[units] - now, -now


def largest_cost(best: Sequence[float], units: int) -> tuple[float, float]:
    """MinMaxCost: first in line is who is worst off."""
    now = best[units - 1]
    return -now, 0.0


def give_out(
    tenants: Sequence[Tenant],
    alpha: float,
    steps: int,
    urgency: Urgency,
    start: Sequence[int] | None = None,
    mark: float = 1.0,
) -> tuple[list[int], list[int]]:
    """Give out `steps` units; return each tenant's, and how they stood at the share `mark`.

    `start` has units to go on from (at least one each, together at most `steps`).
    """
    units = list(start) if start is not None else [1] * len(tenants)
    if sum(units) > steps:
        raise ValueError(f"{len(tenants)} tenants cannot share {steps} units: use a smaller unit")
    bests = [_best(tenant, alpha, steps) for tenant in tenants]
    line = [(*urgency(best, units[at]), at) for at, best in enumerate(bests) if units[at] < steps]
    heapify(line)
    marked, given, at_mark = list(units), sum(units), round(mark * steps)
    while given < steps and line:
        at = line[0][-1]
        units[at] += 1
        given += 1
        if given == at_mark:
            marked = list(units)
        heapreplace(line, (*urgency(bests[at], min(units[at], steps - 1)), at))
    return units, marked


def choose_rungs(
    tenants: Sequence[Tenant], units: Sequence[int], alpha: float, steps: int, memory_mb: float
) -> Allotment:
    """Return the cheapest rung of every tenant at its share, made to fit into `memory_mb`.

    Raises:
        ValueError: if even the smallest rungs do not fit.
    """
    shares = [unit / steps for unit in units]
    rungs = [
        int(np.argmin(_table(tenant, alpha, steps)[:, unit - 1]))
        for tenant, unit in zip(tenants, units, strict=True)
    ]
    _fit(tenants, shares, rungs, alpha, memory_mb)
    return {
        tenant.name: Place(rung, share)
        for tenant, rung, share in zip(tenants, rungs, shares, strict=True)
    }


def _fit(
    tenants: Sequence[Tenant],
    shares: Sequence[float],
    rungs: list[int],
    alpha: float,
    memory_mb: float,
) -> None:
    """Step down where a megabyte costs least, until all rungs fit."""
    while (needed := _needed_mb(tenants, rungs)) > memory_mb:
        steps_down = [
            (_price(tenant, rungs[at], shares[at], alpha), at)
            for at, tenant in enumerate(tenants)
            if rungs[at] > 0
        ]
        if not steps_down:
            names = ", ".join(tenant.name for tenant in tenants)
            raise ValueError(
                f"{names} need {needed:.1f} MB at their smallest and may use {memory_mb:g} MB:"
                " raise memory_mb or let fewer tenants share the phone"
            )
        rungs[min(steps_down)[1]] -= 1


def _needed_mb(tenants: Sequence[Tenant], rungs: Sequence[int]) -> float:
    return sum(t.rungs[rung].resident_mb for t, rung in zip(tenants, rungs, strict=True))


def _price(tenant: Tenant, rung: int, share: float, alpha: float) -> float:
    """Return the cost of stepping down once, per megabyte that it frees."""
    more = cost(tenant, rung - 1, share, alpha) - cost(tenant, rung, share, alpha)
    freed_mb = tenant.rungs[rung].resident_mb - tenant.rungs[rung - 1].resident_mb
    return more / freed_mb if freed_mb > 0 else float("inf")


@lru_cache(maxsize=1024)
def _table(tenant: Tenant, alpha: float, steps: int) -> Costs:
    return cost_table(tenant, alpha, steps)


@lru_cache(maxsize=1024)
def _best(tenant: Tenant, alpha: float, steps: int) -> list[float]:
    best: list[float] = _table(tenant, alpha, steps).min(axis=0).tolist()
    return best
