"""The kernel's files as one model shows them: holes, lies and units that its file lists."""

import errno
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from fnmatch import fnmatch
from typing import TYPE_CHECKING

from devices.virtual.kernel.node import Node
from devices.virtual.kernel.quirks import Quirks
from devices.virtual.kernel.supply import SUPPLY
from devices.virtual.physics.thermal import BAT

if TYPE_CHECKING:
    from devices.virtual.kernel.machine import Machine

_ZONE = "/sys/class/thermal/thermal_zone"
_LISTED, _BOOST = "scaling_available_frequencies", "scaling_boost_frequencies"
_GAUGES = {"maxfg": "Battery", "bms": "BMS", "gcpm": "Battery", "main": "Main"}
_FEEDERS = {"ac": "Mains", "dc": "Mains", "wireless": "Wireless", "otg": "USB"}
_MILLI = 1000


def disguised(machine: "Machine") -> dict[str, Node]:
    """Return every file of a machine as this model shows it."""
    quirks = machine.spec.quirks
    nodes = dict(machine.nodes)
    nodes.update(_limiters(machine))
    nodes.update(_more_supplies(machine))
    _move_boost(nodes, quirks)
    _leak(nodes, quirks)
    for path, node in nodes.items():
        nodes[path] = _shown(path, node, quirks)
    return nodes


def _shown(path: str, node: Node, quirks: Quirks) -> Node:
    """Return a file as its first matching habit has it."""
    if any(fnmatch(path, pattern) for pattern in quirks.empty):
        return replace(node, read=lambda: b"\n")
    for pattern, said in quirks.texts.items():
        if fnmatch(path, pattern):
            return replace(node, read=f"{said}\n".encode)
    for pattern, name in quirks.failing.items():
        if fnmatch(path, pattern):
            return replace(node, read=_failing(getattr(errno, name)))
    return node


def _failing(number: int) -> Callable[[], bytes]:
    def read() -> bytes:
        raise OSError(number, os.strerror(number))

    return read


def _limiters(machine: "Machine") -> dict[str, Node]:
    """Return zones behind the others that show a limiter's quantity and no temperature."""
    first = len(machine.spec.zones)
    nodes = {}
    for i, name in enumerate(machine.spec.quirks.limiters, first):
        nodes[f"{_ZONE}{i}/type"] = Node(f"{name}\n".encode)
        nodes[f"{_ZONE}{i}/temp"] = Node(_quantity(machine, name))
        nodes[f"{_ZONE}{i}/mode"] = Node("enabled\n".encode)
    return nodes


def _quantity(machine: "Machine", name: str) -> Callable[[], bytes]:
    """Return what a zone of this name counts: mA, mV, percent, or its level of limiting."""

    def read() -> bytes:
        battery = machine.moment.battery
        if "ibat" in name:
            value = round(battery.current_a * _MILLI)
        elif "vbat" in name:
            value = round(battery.voltage_v * _MILLI)
        elif name in ("soc", "socd"):
            value = round(battery.charge * 100)
        else:
            value = 0
        return f"{value}\n".encode()

    return read


def _more_supplies(machine: "Machine") -> dict[str, Node]:
    nodes: dict[str, Node] = {}
    for name in machine.spec.quirks.supplies:
        if name in _GAUGES:
            nodes.update(_supply(name, _gauge(machine, _GAUGES[name])))
        elif name in _FEEDERS:
            kind = _FEEDERS[name]
            nodes.update(_supply(name, {"type": kind.__str__, "online": "0".__str__}))
    return nodes


def _gauge(machine: "Machine", kind: str) -> dict[str, Callable[[], str]]:
    """A second look at the battery, by another driver: this one counts as the kernel says."""
    battery = machine.spec.battery
    return {
        "type": lambda: kind,
        "capacity": lambda: f"{machine.moment.battery.charge * 100:.0f}",
        "voltage_now": lambda: f"{machine.moment.battery.voltage_v * 1e6:.0f}",
        "current_now": lambda: f"{-machine.moment.battery.current_a * 1e6:.0f}",
        "temp": lambda: f"{machine.present()[0][BAT] * 10:.0f}",
        "charge_full": lambda: f"{battery.capacity_mah * _MILLI}",
    }


def _supply(name: str, reads: Mapping[str, Callable[[], str]]) -> dict[str, Node]:
    def uevent() -> bytes:
        rows = [f"POWER_SUPPLY_{key.upper()}={read()}" for key, read in reads.items()]
        return "\n".join([f"POWER_SUPPLY_NAME={name}", *rows, ""]).encode()

    files = {f"{SUPPLY}/{name}/{key}": Node(_line(read)) for key, read in reads.items()}
    return {**files, f"{SUPPLY}/{name}/uevent": Node(uevent)}


def _line(read: Callable[[], str]) -> Callable[[], bytes]:
    return lambda: f"{read()}\n".encode()


def _move_boost(nodes: dict[str, Node], quirks: Quirks) -> None:
    """Let the boost clocks of a policy stand in their own list alone."""
    boost = {str(khz) for khz in quirks.boost_khz}
    if not boost:
        return
    for path in [path for path in nodes if path.endswith(_LISTED)]:
        read = nodes[path].read
        assert read is not None
        folder = path.removesuffix(_LISTED)
        nodes[path] = Node(_chosen(read, lambda word: word not in boost))
        nodes[f"{folder}{_BOOST}"] = Node(_chosen(read, lambda word: word in boost))


def _chosen(read: Callable[[], bytes], is_wanted: Callable[[str], bool]) -> Callable[[], bytes]:
    def chosen() -> bytes:
        words = [word for word in read().decode().split() if is_wanted(word)]
        return "".join(f"{word} " for word in words).encode() + b"\n"

    return chosen


def _leak(nodes: dict[str, Node], quirks: Quirks) -> None:
    """Let errnos stand in the battery's uevent where values should."""
    path = f"{SUPPLY}/{quirks.battery_name}/uevent"
    read = nodes[path].read if path in nodes else None
    if read is None or not quirks.leaks:
        return
    marks = {f"POWER_SUPPLY_{key.upper()}": number for key, number in quirks.leaks.items()}

    def leaking() -> bytes:
        rows = [line.partition("=") for line in read().decode().splitlines()]
        return "".join(f"{key}={marks.get(key, value)}\n" for key, _, value in rows).encode()

    nodes[path] = Node(leaking)
