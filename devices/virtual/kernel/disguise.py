"""The kernel's files as one model shows them: holes, lies and units that its file lists."""

import errno
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from fnmatch import fnmatch
from functools import partial
from typing import TYPE_CHECKING

from devices.virtual.kernel.node import KernelFile, Read, constant, text
from devices.virtual.kernel.quirks import Quirks
from devices.virtual.kernel.spec import PhoneSpec
from devices.virtual.kernel.supply import SUPPLY, supply
from devices.virtual.physics.thermal import BAT

if TYPE_CHECKING:
    from devices.virtual.kernel.machine import Machine

_ZONE = "/sys/class/thermal/thermal_zone"
_LISTED, _BOOST = "scaling_available_frequencies", "scaling_boost_frequencies"
_GAUGES = {"maxfg": "Battery", "bms": "BMS", "gcpm": "Battery", "main": "Main"}
_FEEDERS = {"ac": "Mains", "dc": "Mains", "wireless": "Wireless", "otg": "USB"}
_MILLI = 1000


def disguised(spec: PhoneSpec, plain: Mapping[str, KernelFile]) -> dict[str, KernelFile]:
    """Return every file of a model as it shows them, made from the kernel's own."""
    quirks = spec.quirks
    files = {**plain, **_limiters(spec), **_more_supplies(spec)}
    _move_boost(files, quirks)
    _leak(files, quirks)
    return {path: _shown(path, file, quirks) for path, file in files.items()}


def _shown(path: str, file: KernelFile, quirks: Quirks) -> KernelFile:
    """Return a file as its first matching habit has it."""
    if any(fnmatch(path, pattern) for pattern in quirks.empty):
        return replace(file, read=text(constant("")).read)
    for pattern, said in quirks.texts.items():
        if fnmatch(path, pattern):
            return replace(file, read=text(constant(said)).read)
    for pattern, name in quirks.failing.items():
        if fnmatch(path, pattern):
            return replace(file, read=partial(_fail, getattr(errno, name)))
    return file


def _fail(number: int, _machine: "Machine") -> bytes:
    raise OSError(number, os.strerror(number))


def _limiters(spec: PhoneSpec) -> dict[str, KernelFile]:
    """Return zones behind the others that show a limiter's quantity and no temperature."""
    files = {}
    for i, name in enumerate(spec.quirks.limiters, len(spec.zones)):
        files[f"{_ZONE}{i}/type"] = text(constant(name))
        files[f"{_ZONE}{i}/temp"] = text(partial(_quantity, name))
        files[f"{_ZONE}{i}/mode"] = text(constant("enabled"))
    return files


def _quantity(name: str, machine: "Machine") -> object:
    """Return what a zone of this name counts: mA, mV, percent, or its level of limiting."""
    battery = machine.moment.battery
    if "ibat" in name:
        return round(battery.current_a * _MILLI)
    if "vbat" in name:
        return round(battery.voltage_v * _MILLI)
    return round(battery.charge * 100) if name in ("soc", "socd") else 0


def _more_supplies(spec: PhoneSpec) -> dict[str, KernelFile]:
    files: dict[str, KernelFile] = {}
    for name in spec.quirks.supplies:
        if name in _GAUGES:
            files.update(supply(name, _gauge(spec, _GAUGES[name])))
        elif name in _FEEDERS:
            kind = _FEEDERS[name]
            files.update(supply(name, {"type": constant(kind), "online": constant(0)}))
    return files


def _gauge(spec: PhoneSpec, kind: str) -> dict[str, Read]:
    """A second look at the battery, by another driver: this one counts as the kernel says."""
    return {
        "type": constant(kind),
        "capacity": lambda machine: f"{machine.moment.battery.charge * 100:.0f}",
        "voltage_now": lambda machine: f"{machine.moment.battery.voltage_v * 1e6:.0f}",
        "current_now": lambda machine: f"{-machine.moment.battery.current_a * 1e6:.0f}",
        "temp": lambda machine: f"{machine.present()[0][BAT] * 10:.0f}",
        "charge_full": constant(spec.battery.capacity_mah * _MILLI),
    }


def _move_boost(files: dict[str, KernelFile], quirks: Quirks) -> None:
    """Let the boost clocks of a policy stand in their own list alone."""
    boost = {str(khz) for khz in quirks.boost_khz}
    if not boost:
        return
    for path in [path for path in files if path.endswith(_LISTED)]:
        read = files[path].read
        assert read is not None
        folder = path.removesuffix(_LISTED)
        files[path] = text(_chosen(read, lambda word: word not in boost))
        files[f"{folder}{_BOOST}"] = text(_chosen(read, lambda word: word in boost))


def _chosen(read: Callable[["Machine"], bytes], is_wanted: Callable[[str], bool]) -> Read:
    def chosen(machine: "Machine") -> object:
        words = read(machine).decode().split()
        return "".join(f"{word} " for word in words if is_wanted(word))

    return chosen


def _leak(files: dict[str, KernelFile], quirks: Quirks) -> None:
    """Let errnos stand in the battery's uevent where values should."""
    path = f"{SUPPLY}/{quirks.battery_name}/uevent"
    read = files[path].read if path in files else None
    if read is None or not quirks.leaks:
        return
    marks = {f"POWER_SUPPLY_{key.upper()}": number for key, number in quirks.leaks.items()}

    def leaking(machine: "Machine") -> bytes:
        rows = [line.partition("=") for line in read(machine).decode().splitlines()]
        return "".join(f"{key}={marks.get(key, value)}\n" for key, _, value in rows).encode()

    files[path] = KernelFile(leaking)
