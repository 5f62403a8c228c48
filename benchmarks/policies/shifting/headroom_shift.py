"""Shifting by Android's own forecast of throttling instead of a chosen temperature."""

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from benchmarks.objections import Objection
from benchmarks.policies.base import Action, Controller, Observation, Task
from benchmarks.policies.shifting.base import Ladder, ShiftingPolicy
from devices.errors import StableDeviceError
from devices.profile import DeviceProfile

ZERO_TO_ONE_K = 30.0  # Android's headroom is 1 at SEVERE and 0 so far below


class HeadroomShift(ShiftingPolicy):
    """Shifts down above a thermal headroom and up below another."""

    why: ClassVar[str] = (
        "The kernel's trip points differ on every phone, but Android knows each phone's own limit "
        "of the skin and tells apps how near it is: 1 is severe throttling. A policy on headroom "
        "needs no calibration. It follows the case and is therefore slow; phones that throttle "
        "long before the skin is severe are not helped by it."
    )
    source: ClassVar[str] = "headroom as Android's PowerManager defines it, without its forecast"
    asks: ClassVar[frozenset[str]] = frozenset({"skin"})
    kind: Literal["headroom_shift"] = "headroom_shift"
    high: float = Field(0.9, gt=0, le=2, description="Shift down above this headroom. [1]")
    low: float = Field(0.8, ge=0, le=2, description="Shift up below this headroom. [1]")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.low >= self.high:
            raise Objection(
                "low",
                f"low = {self.low:g} must be below high = {self.high:g}, or every reading "
                "would shift",
            )
        return self

    def start(self, profile: DeviceProfile, task: Task) -> Controller:
        """Return a controller of the largest and the smallest variant.

        Raises:
            StableDeviceError: if Android told no limit of the skin that a sensor belongs to.
        """
        facts = task.facts.get("skin")
        if not facts:
            raise StableDeviceError(
                f"policy headroom_shift needs a skin limit in `dumpsys thermalservice`, and "
                f"{profile.serial} tells none; use hysteresis_shift or dynamic_shifting"
            )
        return _Controller(self, Ladder(self, task), facts["channel"], facts["severe_c"])


class _Controller:
    def __init__(self, spec: HeadroomShift, ladder: Ladder, channel: str, severe_c: float) -> None:
        self._spec, self._ladder = spec, ladder
        self._channel, self._severe_c = channel, severe_c

    def decide(self, seen: Observation) -> tuple[Action, ...]:
        """Compare the headroom with the threshold of the variant in force."""
        self._ladder.learn(seen)
        skin_c = seen.newest.get(self._channel)
        if skin_c is None:
            return ()
        headroom = (skin_c - self._severe_c + ZERO_TO_ONE_K) / ZERO_TO_ONE_K
        is_large = self._ladder.place(seen) == 0
        if is_large and headroom > self._spec.high:
            return self._ladder.shift(len(self._ladder.rungs) - 1, f"headroom is {headroom:.2f}")
        if not is_large and headroom < self._spec.low:
            return self._ladder.shift(0, f"headroom is {headroom:.2f}")
        return ()
