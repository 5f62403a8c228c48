"""The files that the kernel shows under /sys/class/power_supply."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from devices.virtual.kernel.gauge import Reading
from devices.virtual.kernel.node import KernelFile, Read, constant, text, whole, writable
from devices.virtual.kernel.spec import BatterySpec
from devices.virtual.physics.thermal import BAT

if TYPE_CHECKING:
    from devices.virtual.kernel.machine import Machine

SUPPLY = "/sys/class/power_supply"
_SCALE = {"uA": 1e6, "mA": 1e3, "uV": 1e6, "mV": 1e3}


def supply_files(like: "Machine") -> dict[str, KernelFile]:
    """Return the files of the battery and of the USB supply."""
    name, switch = like.spec.quirks.battery_name, like.spec.battery.switch
    files = {**supply(name, _battery(like.spec.battery)), **supply("usb", _usb())}
    if switch:
        files[f"{SUPPLY}/{name}/{switch.name}"] = writable(_switched, _switch)
    return files


def _switched(machine: "Machine") -> object:
    return machine.gauge.switched


def _switch(machine: "Machine", word: str) -> None:
    machine.switch_charging(int(bool(whole(word))))


def supply(name: str, reads: Mapping[str, Read]) -> dict[str, KernelFile]:
    """Return the folder of one supply, and the `uevent` that repeats its files."""

    def uevent(machine: "Machine") -> bytes:
        rows = [f"POWER_SUPPLY_{key.upper()}={read(machine)}" for key, read in reads.items()]
        return "\n".join([f"POWER_SUPPLY_NAME={name}", *rows, ""]).encode()

    files = {f"{SUPPLY}/{name}/{key}": text(read) for key, read in reads.items()}
    return {**files, f"{SUPPLY}/{name}/uevent": KernelFile(uevent)}


def _shows(machine: "Machine") -> Reading[float]:
    return machine.fuel_gauge.shows(machine.now_ns)


def _battery(spec: BatterySpec) -> dict[str, Read]:
    full_uah = spec.capacity_mah * 1000
    volts, amperes = _SCALE[spec.voltage_unit], _SCALE[spec.current_unit] * spec.current_sign
    return {
        "type": constant("Battery"),
        "status": lambda machine: machine.gauge.status,
        "health": constant("Good"),
        "present": constant(1),
        "technology": constant("Li-poly"),
        "capacity": lambda machine: round(machine.moment.battery.charge * 100),
        "temp": lambda machine: round(machine.present()[0][BAT] * 10),
        "voltage_now": lambda machine: round(_shows(machine).voltage_v * volts),
        "current_now": lambda machine: round(_shows(machine).current_a * amperes),
        "charge_counter": lambda machine: round(machine.moment.battery.charge * full_uah),
        "charge_full": constant(full_uah),
        "charge_full_design": constant(full_uah),
        "cycle_count": constant(57),
    }


def _usb() -> dict[str, Read]:
    return {
        "type": constant("USB"),
        "online": lambda machine: int(machine.gauge.is_plugged),
        "present": lambda machine: int(machine.gauge.is_plugged),
        "voltage_now": lambda machine: 5_000_000 if machine.gauge.is_plugged else 0,
    }
