"""As many frames as accuracy allows."""

from collections.abc import Sequence
from typing import ClassVar, Literal

from benchmarks.policies.tenancy.base import Sharing, TenancyPolicy
from benchmarks.policies.tenancy.tenants import Allotment, Place, Rung, Tenant


class GreedyFps(TenancyPolicy):
    """Gives every tenant the smallest variant that is accurate enough, and time by its length."""

    kind: Literal["greedy_fps"] = "greedy_fps"
    why: ClassVar[str] = (
        "What a frame counter would ask for: just enough accuracy, and equal frame rates by giving"
        " time in proportion to latency. It shows what is lost by looking at frames alone."
    )

    def sharing(self) -> Sharing:
        """Return the spec itself: there is nothing to remember."""
        return self

    def least(self, tenant: Tenant) -> Rung:
        """Return the smallest variant that is accurate enough: it takes no other."""
        return tenant.rungs[_smallest_accurate(tenant)]

    def allot(self, tenants: Sequence[Tenant], memory_mb: float) -> Allotment:
        """Return the place of every tenant; one without an accurate rung gets its largest."""
        rungs = [_smallest_accurate(tenant) for tenant in tenants]
        needed_mb = sum(t.rungs[rung].resident_mb for t, rung in zip(tenants, rungs, strict=True))
        if needed_mb > memory_mb:
            raise ValueError(
                f"the smallest accurate variants need {needed_mb:.1f} MB of {memory_mb:g}:"
                " raise memory_mb or lower min_accuracy_pct"
            )
        latencies_s = [t.rungs[rung].latency_s for t, rung in zip(tenants, rungs, strict=True)]
        total_s = sum(latencies_s)
        return {
            tenant.name: Place(rung, latency_s / total_s)
            for tenant, rung, latency_s in zip(tenants, rungs, latencies_s, strict=True)
        }


def _smallest_accurate(tenant: Tenant) -> int:
    accurate = (
        at for at, rung in enumerate(tenant.rungs) if rung.accuracy_pct >= tenant.min_accuracy_pct
    )
    return next(accurate, len(tenant.rungs) - 1)
