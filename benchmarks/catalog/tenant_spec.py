"""One application of `multi_tenant`, as it is asked for."""

from collections.abc import Mapping
from math import nan
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_serializer,
)

from benchmarks.catalog.base import listed
from benchmarks.own_variants import Ladder, ladder_of, written
from benchmarks.policies.tenancy.tenants import Rung, Tenant
from benchmarks.workloads import weight_bytes_of

_UNKNOWN: Mapping[str, float] = MappingProxyType({})


class TenantSpec(BaseModel):
    """One application: its network, and what its user expects."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    family: Annotated[str, AfterValidator(written)] = Field(
        description="Its name, or networks of your own as my-large=76+my-small=65. [top-1 in %]"
    )
    min_accuracy_pct: float = Field(gt=0, le=100)
    max_latency_ms: float = Field(gt=0, le=60_000)
    priority: float = Field(1.0, gt=0, le=100)

    @model_serializer
    def _as_written(self) -> str:
        written = f"{self.family}:{self.min_accuracy_pct:g}:{self.max_latency_ms:g}"
        return written if self.priority == 1.0 else f"{written}:{self.priority:g}"

    @property
    def knee(self) -> int:
        """The one variant that it would use without a policy: the last that gains much.

        That is the point of accuracy over cost farthest from the chord, as NestDNN's baseline
        is described; where a family says what an application has alone, it is as large as that.
        """
        found = self._ladder
        widths, top1 = found.widths, found.top1
        if found.alone is not None:
            return widths.index(found.alone.width)
        gained = [(mine - top1[0]) / (top1[-1] - top1[0]) for mine in top1]
        cost = [(w - widths[0]) / (widths[-1] - widths[0]) for w in widths]
        return max(range(len(widths)), key=lambda at: gained[at] - cost[at])

    @property
    def _ladder(self) -> Ladder:
        return ladder_of(self.family)

    @property
    def title(self) -> str:
        """What it is called: its family, or the largest of its own networks."""
        return self._ladder.name

    @property
    def variants(self) -> tuple[str, ...]:
        """Its workloads, the smallest first."""
        return self._ladder.variants

    @property
    def workloads(self) -> tuple[str, ...]:
        """All that it may run: its variants, and what it has where nothing is nested."""
        found = self._ladder
        return found.variants if found.alone is None else (*found.variants, found.alone.workload)

    def described(self, name: str, latency_s: Mapping[str, float] = _UNKNOWN) -> Tenant:
        """Return it as policies see it; `latency_s` of what it may run, alone on the phone [s]."""
        found = self._ladder

        def rung(variant: str, top1: float) -> Rung:
            weights_mb = weight_bytes_of(variant) / 1e6
            return Rung(variant, 100 * top1, latency_s.get(variant, nan), weights_mb)

        return Tenant(
            name,
            tuple(map(rung, found.variants, found.top1)),
            self.min_accuracy_pct,
            self.max_latency_ms / 1e3,
            self.knee,
            rung(found.alone.workload, found.alone.top1) if found.alone else None,
            self.priority,
        )


def _tenant(value: Any) -> Any:
    """Read `resnet50:74:400` or `resnet50:74:400:2` as a form or a command line gives it."""
    if not isinstance(value, str):
        return value
    parts = value.split(":")
    if len(parts) not in (3, 4):
        raise ValueError(
            f"{value!r} is not family:accuracy:latency, such as resnet50:74:400"
            " (the accuracy its user expects in %, the latency in ms; :2 behind it counts double)"
        )
    family, accuracy, latency = parts[:3]
    found = {"family": family, "min_accuracy_pct": accuracy, "max_latency_ms": latency}
    return found if len(parts) == 3 else {**found, "priority": parts[3]}


Tenants = Annotated[
    tuple[Annotated[TenantSpec, BeforeValidator(_tenant)], ...], BeforeValidator(listed)
]
