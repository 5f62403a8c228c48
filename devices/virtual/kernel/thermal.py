"""The kernel's thermal layer: cooling devices, trip points and the step_wise governor."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from devices.virtual.kernel.clock import Clock

USER = "user"  # who votes when somebody writes into cur_state


@dataclass(slots=True)
class CoolingDevice:
    """Caps one clock; state s allows the s-th operating point from the top."""

    type: str
    policy: Clock
    per_khz: int = 1  # how many of the clock's units a kHz is
    votes: dict[object, int] = field(default_factory=dict)  # who asks for which state
    state: int = 0

    @property
    def max_state(self) -> int:
        """The deepest state: the slowest operating point."""
        return len(self.policy.steps) - 1

    def vote(self, who: object, state: int | None) -> None:
        """Let `who` ask for a state; None withdraws. The deepest wish wins."""
        if state is None:
            self.votes.pop(who, None)
        else:
            self.votes[who] = state
        self.state = max(self.votes.values(), default=0)
        self.policy.cap_point = self.max_state - self.state

    def state_for(self, khz: int) -> int:
        """Return the shallowest state at or below a clock [kHz]."""
        return self.max_state - self.policy.point_at_most(khz * self.per_khz)


@dataclass(frozen=True, slots=True)
class Bound:
    """A trip point and the devices that cool it."""

    celsius: float
    devices: tuple[CoolingDevice, ...]


class StepWise:
    """One zone under the step_wise governor (Linux drivers/thermal/gov_step_wise.c).

    While a trip is exceeded and the zone warms, each update goes one state deeper; while it is
    not exceeded and the zone cools, one state back; in between nothing moves.
    """

    def __init__(self, trips: Sequence[Bound]) -> None:
        self.trips = tuple(trips)
        self.is_active = False
        self._last_c: float | None = None
        self._targets: dict[tuple[int, int], int | None] = {}

    def update(self, celsius: float) -> None:
        """Evaluate all trips at one poll [°C]."""
        last_c = celsius if self._last_c is None else self._last_c
        self._last_c = celsius
        for number, trip in enumerate(self.trips):
            for slot, device in enumerate(trip.devices):
                key = (number, slot)
                hot = celsius >= trip.celsius
                self._targets[key] = self._target(key, device, hot, celsius - last_c)
            for slot, device in enumerate(trip.devices):
                device.vote((id(self), number), self._targets[number, slot])
        self.is_active = any(target is not None for target in self._targets.values())

    def release(self) -> None:
        """Want nothing any more: another governor takes the zone."""
        for number, trip in enumerate(self.trips):
            for device in trip.devices:
                device.vote((id(self), number), None)
        self._targets.clear()
        self._last_c = None
        self.is_active = False

    def _target(
        self, key: tuple[int, int], device: CoolingDevice, hot: bool, trend_k: float
    ) -> int | None:
        """Return the state this trip wants from a device; None when it wants nothing."""
        if key not in self._targets:
            return min(device.state + 1, device.max_state) if hot else None
        if hot and trend_k > 0:
            return min(device.state + 1, device.max_state)
        if not hot and trend_k < 0:
            return None if device.state <= 0 else device.state - 1
        return self._targets[key]
