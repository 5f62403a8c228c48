"""Cores that are taken off the kernel and brought back, through files that root alone may write."""

from functools import partial
from typing import TYPE_CHECKING

from devices.virtual.kernel.cpulist import cpu_list
from devices.virtual.kernel.node import KernelFile, constant, text, whole, writable

if TYPE_CHECKING:
    from devices.virtual.kernel.machine import Machine

CPU = "/sys/devices/system/cpu"


def hotplug_files(like: "Machine") -> dict[str, KernelFile]:
    """Return the lists of CPUs, and per CPU its switch and, while it is online, its topology."""
    count = like.chip.cpu_count
    everyone = constant(cpu_list(range(count)))
    files = {f"{CPU}/{name}": text(everyone) for name in ("possible", "present")}
    files[f"{CPU}/online"] = text(lambda machine: cpu_list(machine.chip.online))
    files[f"{CPU}/offline"] = text(lambda machine: cpu_list(machine.chip.offline))
    files[f"{CPU}/kernel_max"] = text(constant(count - 1))
    for cpu in range(count):
        is_online = partial(_is_online, cpu)
        files[f"{CPU}/cpu{cpu}/online"] = writable(partial(_switch, cpu), partial(_write, cpu))
        for name, value in (("core_id", cpu), ("physical_package_id", 0)):
            path = f"{CPU}/cpu{cpu}/topology/{name}"
            files[path] = KernelFile(text(constant(value)).read, is_there=is_online)
    return files


def _is_online(cpu: int, machine: "Machine") -> bool:
    return cpu not in machine.chip.offline


def _switch(cpu: int, machine: "Machine") -> object:
    return int(_is_online(cpu, machine))


def _write(cpu: int, machine: "Machine", word: str) -> None:
    machine.plug(cpu, is_online=bool(whole(word)))
