"""MinTotalCost: the sum of all tenants' costs as small as a greedy hand can make it."""

from collections.abc import Sequence
from typing import ClassVar, Literal

from benchmarks.policies.tenancy.base import GreedyPolicy, Sharing
from benchmarks.policies.tenancy.greedy import choose_rungs, give_out, largest_decrease
from benchmarks.policies.tenancy.tenants import Allotment, Tenant


class MinTotal(GreedyPolicy):
    """Gives each unit of time to the tenant whose cost falls most by it."""

    kind: Literal["min_total"] = "min_total"
    why: ClassVar[str] = (
        "Time goes where it buys most, so the phone as a whole serves its tenants best; a tenant"
        " that is expensive to please may stay unhappy for the sake of the sum."
    )

    def sharing(self) -> Sharing:
        """Return the spec itself: there is nothing to remember."""
        return self

    def allot(self, tenants: Sequence[Tenant], memory_mb: float) -> Allotment:
        """Return the place of every tenant."""
        units, _ = give_out(tenants, self.alpha, self.steps, largest_decrease)
        return choose_rungs(tenants, units, self.alpha, self.steps, memory_mb)
