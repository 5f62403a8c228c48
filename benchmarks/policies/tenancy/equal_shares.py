"""Everybody the smallest, or everybody the largest: the two ends of the ladder."""

from collections.abc import Sequence
from typing import ClassVar, Literal

from pydantic import Field

from benchmarks.policies.tenancy.base import Sharing, TenancyPolicy
from benchmarks.policies.tenancy.tenants import Allotment, Place, Tenant


class EqualShares(TenancyPolicy):
    """Divides the time evenly and gives every tenant the same end of its family."""

    kind: Literal["equal_shares"] = "equal_shares"
    size: Literal["largest", "smallest"] = Field("largest", description="Which end.")
    why: ClassVar[str] = (
        "Bounds that cost no thought: the largest variants show the best accuracy that can be had,"
        " the smallest ones the best speed. A policy worth its name lies above the line between."
    )

    def sharing(self) -> Sharing:
        """Return the spec itself: there is nothing to remember."""
        return self

    def allot(self, tenants: Sequence[Tenant], memory_mb: float) -> Allotment:
        """Return the place of every tenant; the largest that do not fit are the smaller ones."""
        share = 1 / len(tenants) if tenants else 0.0
        rungs = {
            tenant.name: len(tenant.rungs) - 1 if self.size == "largest" else 0
            for tenant in tenants
        }
        by_name = {tenant.name: tenant for tenant in tenants}
        while (
            sum(by_name[name].rungs[rung].resident_mb for name, rung in rungs.items()) > memory_mb
        ):
            newest = next((t.name for t in reversed(tenants) if rungs[t.name] > 0), None)
            if newest is None:
                raise ValueError(
                    f"{', '.join(rungs)} do not fit into {memory_mb:g} MB at their smallest:"
                    " raise memory_mb or let fewer tenants share the phone"
                )
            rungs[newest] -= 1
        return {name: Place(rung, share) for name, rung in rungs.items()}
