"""Every allotment there is, for a few tenants: what the greedy schemes are measured against."""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import ClassVar, Literal

from pydantic import Field

from benchmarks.policies.tenancy.base import Sharing, TenancyPolicy
from benchmarks.policies.tenancy.tenants import Allotment, Place, Tenant, cost

MOST_TENANTS = 3


class Exhaustive(TenancyPolicy):
    """Tries every rung and every share in coarse units, and takes the cheapest that fits."""

    kind: Literal["exhaustive"] = "exhaustive"
    alpha: float = Field(
        0.04, ge=0, le=10, description="What a millisecond of lateness costs. [points/ms]"
    )
    unit: float = Field(0.1, ge=0.05, le=0.5, description="The grid of shares.")
    objective: Literal["total", "max"] = Field("total", description="Which cost is made small.")
    why: ClassVar[str] = (
        f"The oracle: with at most {MOST_TENANTS} tenants nothing is left untried, so the distance"
        " of another policy to it is that policy's own fault."
    )

    @property
    def most_at_once(self) -> int:
        """Return how many tenants it can think of: each needs a unit, and time ends."""
        return min(MOST_TENANTS, round(1 / self.unit))

    def sharing(self) -> Sharing:
        """Return the spec itself: there is nothing to remember."""
        return self

    def allot(self, tenants: Sequence[Tenant], memory_mb: float) -> Allotment:
        """Return the place of every tenant; raises ValueError for too many or too large ones."""
        if len(tenants) > MOST_TENANTS:
            raise ValueError(
                f"exhaustive tries everything for at most {MOST_TENANTS} tenants, not"
                f" {len(tenants)}: lower `most` or take min_total"
            )
        found = min(self._priced(tenants, memory_mb), key=lambda each: each[0], default=None)
        if found is None:
            raise ValueError(f"no choice of variants fits into {memory_mb:g} MB: raise memory_mb")
        return dict(zip([tenant.name for tenant in tenants], found[1], strict=True))

    def _priced(
        self, tenants: Sequence[Tenant], memory_mb: float
    ) -> Iterator[tuple[float, tuple[Place, ...]]]:
        join = sum if self.objective == "total" else max
        for rungs in product(*(range(len(tenant.rungs)) for tenant in tenants)):
            chosen = list(zip(tenants, rungs, strict=True))
            if sum(tenant.rungs[rung].resident_mb for tenant, rung in chosen) > memory_mb:
                continue
            for shares in _partitions(round(1 / self.unit), len(tenants)):
                places = tuple(
                    Place(rung, share * self.unit)
                    for rung, share in zip(rungs, shares, strict=True)
                )
                costs = [
                    cost(tenant, place.rung, place.share, self.alpha)
                    for tenant, place in zip(tenants, places, strict=True)
                ]
                yield join(costs), places


def _partitions(units: int, parts: int) -> Iterator[tuple[int, ...]]:
    """Yield all ways to give `units` to `parts`, at least one to each."""
    if parts == 1:
        yield (units,)
        return
    for first in range(1, units - parts + 2):
        for rest in _partitions(units - first, parts - 1):
            yield (first, *rest)
