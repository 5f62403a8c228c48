"""A thermal zone of the kernel and the governor that rules it; root may choose another one."""

from collections.abc import Sequence
from errno import EINVAL
from typing import Protocol

from devices.virtual.kernel.power_actors import Actor
from devices.virtual.kernel.power_allocator import Errors, budget, default_gains, divide
from devices.virtual.kernel.thermal import Bound, StepWise

GOVERNORS = ("step_wise", "user_space", "power_allocator")


class Governor(Protocol):
    """What looks at a zone at each poll."""

    @property
    def is_active(self) -> bool:
        """True while it caps anything, or is about to."""

    def update(self, celsius: float) -> None:
        """Look at the zone [°C]."""

    def release(self) -> None:
        """Withdraw every wish."""


class UserSpace:
    """Leaves everything to whoever listens; nobody does."""

    is_active = False

    def update(self, celsius: float) -> None:
        """Look away."""

    def release(self) -> None:
        """Withdraw nothing."""


class PowerAllocator:
    """One zone under the power_allocator: switch-on at the first passive trip, control at the last.

    With a single trip it is always on.
    """

    def __init__(
        self,
        trips_c: Sequence[float],
        actors: Sequence[Actor],
        sustainable_mw: float | None,
        delay_ms: int,
    ) -> None:
        self._on_mc = round(trips_c[0] * 1000) if len(trips_c) > 1 else None
        self._control_mc = round(trips_c[-1] * 1000)
        self._actors = tuple(actors)
        self._sustainable_mw = round(sustainable_mw or sum(actor.min_mw for actor in actors))
        on_mc = 0 if self._on_mc is None else self._on_mc
        self._gains = default_gains(self._sustainable_mw, on_mc, self._control_mc)
        self._delay_ms = delay_ms
        self._errors = Errors()
        self.is_active = False
        self.budget_mw: int | None = None

    def update(self, celsius: float) -> None:
        """Split a new budget, or let go below the first trip."""
        celsius_mc = round(celsius * 1000)
        if self._on_mc is not None and celsius_mc < self._on_mc:
            self.release()
            return
        self.is_active = True
        shares = [actor.share() for actor in self._actors]
        most_mw = sum(share.max_mw for share in shares)
        self.budget_mw, self._errors = budget(
            celsius_mc, self._control_mc, self._sustainable_mw, most_mw, self._gains, self._errors,
            self._delay_ms,
        )  # fmt: skip
        for actor, granted_mw in zip(self._actors, divide(self.budget_mw, shares), strict=True):
            actor.device.vote(self, actor.state_for(granted_mw) or None)

    def release(self) -> None:
        """Allow everything and start anew."""
        self._errors = Errors()
        self.is_active = False
        self.budget_mw = None
        for actor in self._actors:
            actor.device.vote(self, None)


class GovernedZone:
    """One zone with trips, and its governor of the moment."""

    def __init__(
        self,
        name: str,
        trips: Sequence[Bound],
        allocator: PowerAllocator,
    ) -> None:
        self._governors: dict[str, Governor] = {
            "step_wise": StepWise(trips),
            "user_space": UserSpace(),
            "power_allocator": allocator,
        }
        self.name = name

    @property
    def is_active(self) -> bool:
        """True while anything is capped because of this zone."""
        return self._governors[self.name].is_active

    def update(self, celsius: float) -> None:
        """Let the governor look at the zone [°C]."""
        self._governors[self.name].update(celsius)

    def choose(self, name: str) -> None:
        """Change the governor; raises OSError(EINVAL) for one that there is not."""
        if name not in self._governors:
            raise OSError(EINVAL, "Invalid argument")
        if name != self.name:
            self._governors[self.name].release()
            self.name = name
