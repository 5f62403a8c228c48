"""The files that the kernel shows under /sys/class/power_supply."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from devices.virtual.kernel.fuel_gauge import FuelGauge
from devices.virtual.kernel.node import Node
from devices.virtual.physics.thermal import BAT

if TYPE_CHECKING:
    from devices.virtual.kernel.machine import Machine

SUPPLY = "/sys/class/power_supply"
_SCALE = {"uA": 1e6, "mA": 1e3, "uV": 1e6, "mV": 1e3}


def supply_nodes(machine: "Machine") -> dict[str, Node]:
    """Return the files of the battery and of the USB supply."""
    name = machine.spec.quirks.battery_name
    return {
        **_supply(name, _battery(machine)),
        **_supply("usb", _usb(machine)),
    }


def _supply(name: str, reads: dict[str, Callable[[], object]]) -> dict[str, Node]:
    nodes = {f"{SUPPLY}/{name}/{key}": _file(read) for key, read in reads.items()}
    nodes[f"{SUPPLY}/{name}/uevent"] = Node(lambda: _uevent(name, reads).encode())
    return nodes


def _file(read: Callable[[], object]) -> Node:
    return Node(lambda: f"{read()}\n".encode())


def _uevent(name: str, reads: dict[str, Callable[[], object]]) -> str:
    rows = [f"POWER_SUPPLY_NAME={name}"]
    rows += [f"POWER_SUPPLY_{key.upper()}={read()}" for key, read in reads.items()]
    return "\n".join(rows) + "\n"


def _battery(machine: "Machine") -> dict[str, Callable[[], object]]:
    spec = machine.spec.battery
    full_uah = spec.capacity_mah * 1000
    gauge = FuelGauge(machine)
    volts, amperes = _SCALE[spec.voltage_unit], _SCALE[spec.current_unit]
    return {
        "type": lambda: "Battery",
        "status": lambda: machine.gauge.status,
        "health": lambda: "Good",
        "present": lambda: 1,
        "technology": lambda: "Li-poly",
        "capacity": lambda: round(machine.moment.battery.charge * 100),
        "temp": lambda: round(machine.present()[0][BAT] * 10),
        "voltage_now": lambda: round(gauge.shows(machine.now_ns).voltage_v * volts),
        "current_now": lambda: round(
            gauge.shows(machine.now_ns).current_a * amperes * spec.current_sign
        ),
        "charge_counter": lambda: round(machine.moment.battery.charge * full_uah),
        "charge_full": lambda: full_uah,
        "charge_full_design": lambda: full_uah,
        "cycle_count": lambda: 57,
    }


def _usb(machine: "Machine") -> dict[str, Callable[[], object]]:
    return {
        "type": lambda: "USB",
        "online": lambda: int(machine.gauge.is_plugged),
        "present": lambda: int(machine.gauge.is_plugged),
        "voltage_now": lambda: 5_000_000 if machine.gauge.is_plugged else 0,
    }
