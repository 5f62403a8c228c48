"""The battery, its charger and its fuel gauge."""

from typing import NamedTuple

from devices.virtual.kernel.spec import BatterySpec
from devices.virtual.physics.battery import Battery, discharge

_TAPER = 0.8  # above this charge the charging power falls linearly to nothing [1]


class Reading(NamedTuple):
    """What the gauge knows after an interval."""

    current_a: float  # positive while discharging
    voltage_v: float
    charge: float  # 0..1


class Gauge:
    """Follows the charge of one battery."""

    def __init__(self, spec: BatterySpec) -> None:
        self.spec = spec
        self.battery = Battery(spec.capacity_mah / 1e3, spec.resistance_ohm)
        self.charge = spec.level / 100.0
        self.is_plugged = True
        self.reading = Reading(0.0, 0.0, self.charge)

    @property
    def status(self) -> str:
        """The kernel's word for what the battery does."""
        if not self.is_plugged:
            return "Discharging"
        if self.charge >= 0.999:
            return "Full"
        return "Charging" if self.charge * 100 < self.spec.limit else "Not charging"

    def run(self, power_w: float, dt_s: float) -> tuple[float, float]:
        """Feed the phone for an interval; return heat in the (battery, board) [W]."""
        board_w = 0.0
        battery_w = power_w
        if self.is_plugged:
            charging_w = self._charging_w()
            board_w = (power_w + charging_w) * self.spec.charger_loss
            battery_w = -charging_w
        current_a, voltage_v = discharge(self.battery, self.charge, battery_w)
        self.charge -= current_a * dt_s / 3600.0 / self.battery.capacity_ah
        self.charge = min(max(self.charge, 0.0), 1.0)
        self.reading = Reading(current_a, voltage_v, self.charge)
        return current_a * current_a * self.battery.resistance_ohm, board_w

    def _charging_w(self) -> float:
        if self.charge * 100 >= self.spec.limit:
            return 0.0
        return self.spec.charge_w * min(1.0, max((1.0 - self.charge) / (1.0 - _TAPER), 0.02))
