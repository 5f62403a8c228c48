"""The files that the kernel shows: cpufreq, thermal, power_supply."""

from typing import TYPE_CHECKING

from devices.virtual.kernel.node import Node

if TYPE_CHECKING:
    from devices.virtual.kernel.machine import Machine


def nodes_of(machine: "Machine") -> dict[str, Node]:
    """Return every file of a machine by absolute path."""
    return {}
