"""Reading and writing a machine's files without a shell."""

from errno import ENOENT

from devices.virtual.kernel.machine import Machine
from devices.virtual.kernel.node import Node

CPUFREQ = "/sys/devices/system/cpu/cpufreq"


def get(machine: Machine, path: str) -> str:
    """Return a file's text without the end of its line."""
    read = _node(machine, path).read
    assert read is not None
    return read().decode().strip()


def put(machine: Machine, path: str, word: str | int) -> None:
    """Write a word into a file, as root."""
    write = _node(machine, path).write
    assert write is not None, f"{path} cannot be written"
    write(f"{word}\n".encode())


def _node(machine: Machine, path: str) -> Node:
    node = machine.nodes[path]
    if node.is_there and not node.is_there():
        raise FileNotFoundError(ENOENT, "No such file or directory", path)
    return node


def node_folder(machine: Machine, thing: str) -> str:
    """Return the devfreq folder of the memory or the GPU."""
    chip = machine.chip
    domain = chip.dram.domain if thing == "mem" else chip.gpu and chip.gpu.domain
    assert domain
    return f"/sys/class/devfreq/{domain.node}"
