"""MinMaxCost: the largest of all tenants' costs as small as a greedy hand can make it."""

from collections.abc import Sequence
from typing import ClassVar, Literal

from benchmarks.policies.tenancy.base import GreedyPolicy, Sharing
from benchmarks.policies.tenancy.greedy import choose_rungs, give_out, largest_cost
from benchmarks.policies.tenancy.tenants import Allotment, Tenant


class MinMax(GreedyPolicy):
    """Gives each unit of time to the tenant that is worst off."""

    kind: Literal["min_max"] = "min_max"
    why: ClassVar[str] = (
        "Nobody is left behind: the worst-served tenant is helped first, at the price of a sum"
        " that could be smaller. Compare its fairness and its speed with those of min_total."
    )

    def sharing(self) -> Sharing:
        """Return the spec itself: there is nothing to remember."""
        return self

    def allot(self, tenants: Sequence[Tenant], memory_mb: float) -> Allotment:
        """Return the place of every tenant."""
        units, _ = give_out(tenants, self.alpha, self.steps, largest_cost)
        return choose_rungs(tenants, units, self.alpha, self.steps, memory_mb)
