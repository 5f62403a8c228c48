"""A greedy scheme that goes on from where it stood when the last tenants came or went."""

from collections.abc import Sequence
from typing import ClassVar, Literal

from pydantic import Field

from benchmarks.policies.tenancy.base import GreedyPolicy, Sharing
from benchmarks.policies.tenancy.greedy import (
    Urgency,
    choose_rungs,
    give_out,
    largest_cost,
    largest_decrease,
)
from benchmarks.policies.tenancy.tenants import Allotment, Tenant

_SCHEMES: dict[str, Urgency] = {"min_total": largest_decrease, "min_max": largest_cost}


class Cached(GreedyPolicy):
    """Starts a greedy scheme from the allotment it had when most of the time was given out."""

    kind: Literal["cached"] = "cached"
    scheme: Literal["min_total", "min_max"] = Field(
        "min_total", description="The greedy scheme that is resumed."
    )
    keep: float = Field(0.7, gt=0, lt=1, description="The share after which the state is kept.")
    full_every: int = Field(10, ge=1, description="Every so many decisions nothing is reused.")
    why: ClassVar[str] = (
        "Deciding costs time on a phone too. Most of an allotment stays the same when one tenant"
        " comes, so most of it need not be computed again; now and then it must be, because what"
        " was kept may no longer be good."
    )

    def sharing(self) -> Sharing:
        """Return the memory of the last full run."""
        return _Resumed(self)


class _Resumed:
    def __init__(self, spec: Cached) -> None:
        self._spec = spec
        self._kept: dict[str, int] = {}
        self._decisions = 0

    def allot(self, tenants: Sequence[Tenant], memory_mb: float) -> Allotment:
        """Return the place of every tenant."""
        spec, urgency = self._spec, _SCHEMES[self._spec.scheme]
        start = None
        if self._decisions % spec.full_every:
            start = [self._kept.get(tenant.name, 1) for tenant in tenants]
            if sum(start) > spec.steps:
                start = None
        self._decisions += 1
        units, marked = give_out(tenants, spec.alpha, spec.steps, urgency, start, spec.keep)
        names = [tenant.name for tenant in tenants]
        if start is None:
            self._kept = dict(zip(names, marked, strict=True))
        return choose_rungs(tenants, units, spec.alpha, spec.steps, memory_mb)
