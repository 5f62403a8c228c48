"""The battery, its charger and its fuel gauge."""

from typing import Generic, NamedTuple

from devices.virtual.kernel.spec import BatterySpec
from devices.virtual.physics.battery import Battery, discharge
from devices.virtual.physics.numbers import N, least, most, zero_from

_TAPER = 0.8  # above this charge the charging power falls linearly to nothing [1]


class Reading(NamedTuple, Generic[N]):
    """What the gauge knows after an interval."""

    current_a: N  # positive while discharging
    voltage_v: N
    charge: N  # 0..1


class Gauge:
    """Follows the charge of one battery."""

    def __init__(self, spec: BatterySpec) -> None:
        self.spec = spec
        self.battery = Battery(spec.capacity_mah / 1e3, spec.resistance_ohm)
        self.charge = spec.level / 100.0
        self.is_plugged = True
        self.switch_lies = spec.switch is not None and spec.switch.lies
        self.switched = self._unswitched = int(spec.switch is None or not spec.switch.suspends)
        self.is_stopped = False  # by its switch: nothing enters the battery
        self.reading: Reading[float] = Reading(0.0, 0.0, self.charge)

    def restart(self) -> None:
        """Forget what was written, as a boot does."""
        self.switch(self._unswitched)

    @property
    def is_fed(self) -> bool:
        """Whether the phone lives on its cable and not on its battery."""
        is_cut = self.is_stopped and self.spec.switch is not None and self.spec.switch.suspends
        return self.is_plugged and not is_cut

    def switch(self, value: int) -> None:
        """Take what root wrote into the switch, which may lie."""
        self.switched = value
        self.is_stopped = not self.switch_lies and value != self._unswitched

    @property
    def status(self) -> str:
        """The kernel's word for what the battery does."""
        if not self.is_fed:
            return "Discharging"
        if self.charge >= 0.999:
            return "Full"
        is_charging = self.charge * 100 < self.spec.limit and not self.is_stopped
        return "Charging" if is_charging else "Not charging"

    def feed(self, charge: N, power_w: N, dt_s: N) -> tuple[N, N, Reading[N]]:
        """Feed the phone for an interval, beginning with this charge; nothing here changes.

        Return heat in battery and board [W], and what the gauge knows then.
        """
        battery_w, board_w = power_w, power_w * 0.0
        if self.is_fed:
            charging_w = power_w * 0.0 if self.is_stopped else self._charging_w(charge)
            board_w = (power_w + charging_w) * self.spec.charger_loss
            battery_w = -charging_w
        current_a, voltage_v = discharge(self.battery, charge, battery_w)
        left = charge - current_a * dt_s / 3600.0 / self.battery.capacity_ah
        reading = Reading(current_a, voltage_v, least(most(left, 0.0), 1.0))
        return current_a * current_a * self.battery.resistance_ohm, board_w, reading

    def take(self, reading: Reading[float]) -> None:
        """Go on from the end of an interval."""
        self.reading, self.charge = reading, reading.charge

    def _charging_w(self, charge: N) -> N:
        taper = least(most((1.0 - charge) / (1.0 - _TAPER), 0.02), 1.0)
        return zero_from(charge * 100, self.spec.limit, self.spec.charge_w * taper)
