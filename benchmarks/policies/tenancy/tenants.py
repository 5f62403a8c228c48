"""The words of sharing one phone: tenants, the rungs of their families, who gets what.

Source: NestDNN (Fang, Zeng, Zhang, MobiCom 2018, arXiv 1810.10090), section 4.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Costs = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rung:
    """One variant of a tenant's family."""

    variant: str
    accuracy_pct: float  # top-1
    latency_s: float  # alone on the phone, with the whole of its time [s]
    resident_mb: float  # weights in memory while it is in use [MB]


@dataclass(frozen=True, slots=True)
class Tenant:
    """An application that shares the phone, its variants from small to large."""

    name: str
    rungs: tuple[Rung, ...]
    min_accuracy_pct: float  # what its user expects
    max_latency_s: float  # being faster than this is worth nothing [s]
    knee: int = 0  # rung as large as the one network that it would use otherwise
    alone: Rung | None = None  # that network, where it is none of the rungs: trained by itself
    priority: float = 1.0  # how much its cost counts beside those of others [1]

    def __post_init__(self) -> None:
        if not self.rungs:
            raise ValueError(f"tenant {self.name!r} has no variant: give it at least one")
        for smaller, larger in zip(self.rungs, self.rungs[1:], strict=False):
            if larger.accuracy_pct < smaller.accuracy_pct:
                raise ValueError(
                    f"tenant {self.name!r}: {larger.variant} costs more than {smaller.variant} and"
                    f" is less accurate ({larger.accuracy_pct:g} < {smaller.accuracy_pct:g} %);"
                    " order the variants from small to large, and leave out what never pays"
                )

    def at(self, place: "Place") -> Rung:
        """Return what it runs in a place."""
        return self.alone if place.is_alone and self.alone else self.rungs[place.rung]


@dataclass(frozen=True, slots=True)
class Place:
    """What one tenant gets: a rung, and a share of the phone's time (0 = swapped out)."""

    rung: int
    share: float
    is_alone: bool = False  # instead of the rung, the network of its size that was trained alone


Allotment = Mapping[str, Place]  # by the tenants' names


def cost(tenant: Tenant, rung: int, share: float, alpha: float) -> float:
    """Return how far a place is from what the tenant expects.

    cost = (A_min − A) + α · max(0, L / u − L_max), times the tenant's priority, which is ours;
    `alpha` is in points per millisecond.
    """
    chosen = tenant.rungs[rung]
    late_ms = max(0.0, chosen.latency_s / share - tenant.max_latency_s) * 1e3
    return tenant.priority * (tenant.min_accuracy_pct - chosen.accuracy_pct + alpha * late_ms)


def cost_table(tenant: Tenant, alpha: float, steps: int) -> Costs:
    """Return `cost` of each rung at each share 1/steps … 1. [rungs, steps]"""
    shares = np.arange(1, steps + 1) / steps
    latency_s = np.array([[rung.latency_s] for rung in tenant.rungs])
    lack = np.array([[tenant.min_accuracy_pct - rung.accuracy_pct] for rung in tenant.rungs])
    late_ms = np.maximum(0.0, latency_s / shares - tenant.max_latency_s) * 1e3
    table: Costs = tenant.priority * (lack + alpha * late_ms)
    return table


def resident_mb(tenants: Sequence[Tenant], places: Allotment) -> float:
    """Return the memory that all places take together; one set of weights per tenant [MB]."""
    return sum(_sizes(tenants, places))


def _sizes(tenants: Sequence[Tenant], places: Allotment) -> Iterator[float]:
    for tenant in tenants:
        place = places[tenant.name]
        if place.share > 0:
            yield tenant.at(place).resident_mb
