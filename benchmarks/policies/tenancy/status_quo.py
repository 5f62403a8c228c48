"""How phones are shared without anybody's help: the baseline of NestDNN."""

from collections.abc import Sequence
from typing import ClassVar, Literal

from benchmarks.policies.tenancy.base import Sharing, TenancyPolicy
from benchmarks.policies.tenancy.tenants import Allotment, Place, Tenant


class StatusQuo(TenancyPolicy):
    """Every tenant keeps its one model, and the time is divided evenly."""

    kind: Literal["status_quo"] = "status_quo"
    why: ClassVar[str] = (
        "Today's applications bring one model each, chosen at the knee of its accuracy over its"
        " size, and know nothing of each other. Where a family tells how accurate such a network is"
        " when nothing is nested, that one runs, with weights of its own. Whoever came last is"
        " swapped out when memory ends."
    )

    def sharing(self) -> Sharing:
        """Return the spec itself: there is nothing to remember."""
        return self

    def least(self, tenant: Tenant) -> None:
        """Return None: whoever does not fit is swapped out."""

    def allot(self, tenants: Sequence[Tenant], memory_mb: float) -> Allotment:
        """Return the place of every tenant."""
        resident: list[str] = []
        used_mb = 0.0
        for tenant in tenants:
            size_mb = tenant.at(Place(tenant.knee, 1.0, is_alone=True)).resident_mb
            if used_mb + size_mb <= memory_mb:
                used_mb += size_mb
                resident.append(tenant.name)
        return {
            tenant.name: Place(
                tenant.knee, 1 / len(resident) if tenant.name in resident else 0.0, is_alone=True
            )
            for tenant in tenants
        }
