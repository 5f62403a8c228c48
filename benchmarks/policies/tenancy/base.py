"""What the policies of `multi_tenant` have in common: they turn who is there into who gets what."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar, Protocol

from pydantic import Field

from benchmarks.policies.base import (
    Action,
    Controller,
    Observation,
    PolicySpec,
    SetShare,
    SetVariant,
    Task,
)
from benchmarks.policies.tenancy.tenants import Allotment, Place, Rung, Tenant
from devices.errors import StableDeviceError
from devices.profile import DeviceProfile

SOURCE = "NestDNN (Fang, Zeng, Zhang, MobiCom 2018, arXiv 1810.10090), section 4"


class Sharing(Protocol):
    """The memory of one policy while tenants come and go."""

    def allot(self, tenants: Sequence[Tenant], memory_mb: float) -> Allotment:
        """Return the place of every tenant, in the order in which they came."""


class TenancyPolicy(PolicySpec):
    """A policy for several tenants on one phone."""

    suits: ClassVar[frozenset[str]] = frozenset({"multi_tenant"})
    source: ClassVar[str] = SOURCE

    @abstractmethod
    def sharing(self) -> Sharing:
        """Return the memory for one trial."""

    @property
    def most_at_once(self) -> int | None:
        """Return how many tenants it can think of at one time; None: any number."""
        return None

    def least(self, tenant: Tenant) -> Rung | None:
        """Return the smallest that it gives to a tenant; None where it may give nothing."""
        return tenant.rungs[0]

    def start(self, profile: DeviceProfile, task: Task) -> Controller:
        """Return the controller that turns places into actions on lanes."""
        return Landlord(self.sharing(), float(task.facts["memory_mb"]), self.kind)


class GreedyPolicy(TenancyPolicy):
    """What both schemes of the paper ask for."""

    alpha: float = Field(
        0.04, ge=0, le=10, description="What a millisecond of lateness costs. [points/ms]"
    )
    unit: float = Field(
        0.01, ge=0.001, le=0.1, description="The share of the phone that is given at a time."
    )

    @property
    def steps(self) -> int:
        """The units that a phone has."""
        return round(1 / self.unit)


class Landlord:
    """Decides when tenants have changed, and says only what is different from before."""

    def __init__(self, sharing: Sharing, memory_mb: float, name: str) -> None:
        self._sharing = sharing
        self._memory_mb = memory_mb
        self._name = name
        self._present: tuple[str, ...] = ()
        self._places: Mapping[str, Place] = {}

    def decide(self, seen: Observation) -> tuple[Action, ...]:
        """Return new rungs and shares for the lanes whose place has changed.

        Raises:
            StableDeviceError: if those who are there cannot share this phone.
        """
        present = tuple(tenant.name for tenant in seen.tenants.values())
        if present == self._present:
            return ()
        before, self._present = self._places, present
        try:
            self._places = self._sharing.allot(list(seen.tenants.values()), self._memory_mb)
        except ValueError as error:
            raise StableDeviceError(f"{self._name}: {error}") from error
        reason = f"{self._name}: {len(present)} tenants"
        actions: list[Action] = []
        for lane, tenant in seen.tenants.items():
            new, old = self._places[tenant.name], before.get(tenant.name)
            if old is None or old.share != new.share:
                actions.append(SetShare(lane, new.share, reason))
            variant = tenant.at(new).variant
            if old is None or tenant.at(old).variant != variant:
                actions.append(SetVariant(variant, reason, lane=lane))
        return tuple(actions)
