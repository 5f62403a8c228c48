"""What a fuel gauge shows of the battery: late, and with noise, as a pure function of time."""

from typing import TYPE_CHECKING

from devices.virtual.kernel.gauge import Reading
from devices.virtual.physics.noise import normal, seed_of

if TYPE_CHECKING:
    from devices.virtual.kernel.machine import Machine

_MS = 1_000_000
_SALT_CURRENT, _SALT_VOLTAGE = seed_of("gauge current"), seed_of("gauge voltage")


class FuelGauge:
    """Reads a machine's battery at instants that do not depend on who looks."""

    def __init__(self, machine: "Machine") -> None:
        self._machine = machine
        spec = machine.spec.battery
        self._period_ns = spec.gauge_ms * _MS
        machine.history.keep(self._period_ns)
        self._current_a = spec.current_noise_ma / 1e3
        self._voltage_v = spec.voltage_noise_mv / 1e3

    def shows(self, t_ns: int) -> Reading[float]:
        """Return what it shows at `t_ns`: the mean of the interval in which it last looked."""
        moment = self._machine.history.at(t_ns)[1]
        tick = (t_ns - moment.noise_ns) // self._period_ns
        looked = self._machine.history.at(moment.noise_ns + tick * self._period_ns)[1].battery
        current_a = looked.current_a
        if current_a:
            current_a += self._current_a * normal(moment.noise_seed ^ _SALT_CURRENT, tick)
        voltage_v = looked.voltage_v
        voltage_v += self._voltage_v * normal(moment.noise_seed ^ _SALT_VOLTAGE, tick)
        return Reading(current_a, voltage_v, looked.charge)
