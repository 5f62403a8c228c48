"""Reading and writing a machine's files without a shell."""

from devices.virtual.kernel.machine import Machine

CPUFREQ = "/sys/devices/system/cpu/cpufreq"


def get(machine: Machine, path: str) -> str:
    """Return a file's text without the end of its line."""
    read = machine.nodes[path].read
    assert read is not None
    return read().decode().strip()


def put(machine: Machine, path: str, word: str | int) -> None:
    """Write a word into a file, as root."""
    write = machine.nodes[path].write
    assert write is not None, f"{path} cannot be written"
    write(f"{word}\n".encode())


def node_folder(machine: Machine, thing: str) -> str:
    """Return the devfreq folder of the memory or the GPU."""
    chip = machine.chip
    domain = chip.dram.domain if thing == "mem" else chip.gpu and chip.gpu.domain
    assert domain
    return f"/sys/class/devfreq/{domain.node}"
