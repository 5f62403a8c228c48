"""Resting without shifting: the large variant, with longer and longer pauses."""

from typing import ClassVar, Literal

from pydantic import Field

from benchmarks.policies.base import Action, Controller, Idle, Observation, Task
from benchmarks.policies.shifting.base import Ladder, ShiftingPolicy
from benchmarks.policies.shifting.sensing import CpuTemperature
from devices.profile import DeviceProfile

LONGER, SHORTER = 1.1, 1.05  # of the period, at each decision
REST_K = 5.0  # below t_lim by so much, the pauses get shorter again
LONGEST = 20.0  # periods of the large variant


class DutyCycle(ShiftingPolicy):
    """Keeps the large variant and pauses after each inference while it is hot."""

    why: ClassVar[str] = (
        "Whoever may not give any accuracy away can only wait. This is the fair opponent of "
        "shifting at full accuracy: the period grows by a tenth while the CPU is above t_lim and "
        "shrinks by a twentieth once it is 5 °C below."
    )
    senses: ClassVar[bool] = True
    kind: Literal["duty_cycle"] = "duty_cycle"
    t_lim_c: float = Field(73.0, ge=30, le=110, description="Wait longer above this. [°C]")

    def start(self, profile: DeviceProfile, task: Task) -> Controller:
        """Return a controller of the pause."""
        return _Controller(self, Ladder(self, task), CpuTemperature(profile, self.sensor))


class _Controller:
    def __init__(self, spec: DutyCycle, ladder: Ladder, sensor: CpuTemperature) -> None:
        self._spec, self._ladder, self._sensor = spec, ladder, sensor
        self._stretch = 1.0  # period ÷ that of the unhindered large variant

    def decide(self, seen: Observation) -> tuple[Action, ...]:
        """Stretch or shrink the period."""
        self._ladder.learn(seen)
        celsius, period_s = self._sensor.read(seen.newest), self._ladder.period_s
        if celsius is None or not period_s:
            return ()
        before = self._stretch
        if celsius > self._spec.t_lim_c:
            self._stretch = min(before * LONGER, LONGEST)
        elif celsius < self._spec.t_lim_c - REST_K:
            self._stretch = max(before / SHORTER, 1.0)
        if self._stretch == before:
            return ()
        reason = f"{celsius:.1f} °C: period × {self._stretch:.2f}"
        return (Idle(period_s * (self._stretch - 1.0), reason),)
