"""The files that the kernel shows under /sys and /proc, and the habits of single models."""

from collections.abc import Callable
from dataclasses import replace
from fnmatch import fnmatch
from typing import TYPE_CHECKING

from devices.virtual.kernel.cpufreq_files import CPU, cpu_list, cpu_nodes
from devices.virtual.kernel.cpuidle_files import cpuidle_nodes
from devices.virtual.kernel.devfreq_files import devfreq_nodes
from devices.virtual.kernel.gpu_files import gpu_nodes
from devices.virtual.kernel.node import Node
from devices.virtual.kernel.procfs import proc_nodes
from devices.virtual.kernel.screen import backlight_nodes
from devices.virtual.kernel.supply import supply_nodes
from devices.virtual.kernel.thermal_files import THERMAL, thermal_nodes

if TYPE_CHECKING:
    from devices.virtual.kernel.machine import Machine

__all__ = ["CPU", "THERMAL", "cpu_list", "nodes_of"]

_OWNER_ONLY = 0o700  # root may, the shell of adb may not
_PARTS: tuple[Callable[["Machine"], dict[str, Node]], ...] = (
    cpu_nodes,
    cpuidle_nodes,
    thermal_nodes,
    devfreq_nodes,
    gpu_nodes,
    supply_nodes,
    backlight_nodes,
    proc_nodes,
)


def nodes_of(machine: "Machine") -> dict[str, Node]:
    """Return every file of a machine by absolute path."""
    nodes = {path: node for part in _PARTS for path, node in part(machine).items()}
    quirks = machine.spec.quirks
    for path in list(nodes):
        if any(fnmatch(path, pattern) for pattern in quirks.missing):
            del nodes[path]
        elif any(fnmatch(path, pattern) for pattern in quirks.denied):
            nodes[path] = replace(nodes[path], mode=nodes[path].mode & _OWNER_ONLY)
    return nodes
