"""Two thresholds on the CPU's temperature: what one would try first."""

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from benchmarks.objections import Objection
from benchmarks.policies.base import Action, Controller, Observation, Task
from benchmarks.policies.shifting.base import Ladder, ShiftingPolicy
from benchmarks.policies.shifting.sensing import CpuTemperature
from devices.profile import DeviceProfile


class HysteresisShift(ShiftingPolicy):
    """Shifts down above t_hi and up below t_lo."""

    why: ClassVar[str] = (
        "The naive comparator. The chip cools by twenty degrees within seconds of a shift while "
        "the case stays hot, so an upper and a lower threshold that look sensible send the phone "
        "back to work long before the case has recovered: t_lo has to lie far below t_hi."
    )
    senses: ClassVar[bool] = True
    kind: Literal["hysteresis_shift"] = "hysteresis_shift"
    t_hi_c: float = Field(73.0, ge=30, le=110, description="Shift down above this. [°C]")
    t_lo_c: float = Field(48.0, ge=20, le=110, description="Shift up below this. [°C]")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.t_lo_c >= self.t_hi_c:
            raise Objection(
                "t_lo_c",
                f"t_lo_c = {self.t_lo_c:g} must be below t_hi_c = {self.t_hi_c:g}, or every "
                "reading would shift",
            )
        return self

    def start(self, profile: DeviceProfile, task: Task) -> Controller:
        """Return a controller of the largest and the smallest variant."""
        return _Controller(self, Ladder(self, task), CpuTemperature(profile, self.sensor))


class _Controller:
    def __init__(self, spec: HysteresisShift, ladder: Ladder, sensor: CpuTemperature) -> None:
        self._spec, self._ladder, self._sensor = spec, ladder, sensor

    def decide(self, seen: Observation) -> tuple[Action, ...]:
        """Compare the newest temperature with the threshold of the variant in force."""
        self._ladder.learn(seen)
        celsius = self._sensor.read(seen.newest)
        if celsius is None:
            return ()
        is_large = self._ladder.place(seen) == 0
        if is_large and celsius > self._spec.t_hi_c:
            smallest = len(self._ladder.rungs) - 1
            return self._ladder.shift(smallest, f"{celsius:.1f} °C is above t_hi")
        if not is_large and celsius < self._spec.t_lo_c:
            return self._ladder.shift(0, f"{celsius:.1f} °C is below t_lo")
        return ()
