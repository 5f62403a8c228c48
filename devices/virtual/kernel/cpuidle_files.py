"""The files under /sys/devices/system/cpu/cpuN/cpuidle."""

from functools import partial
from typing import TYPE_CHECKING

from devices.virtual.kernel.cpufreq_files import CPU
from devices.virtual.kernel.node import KernelFile, constant, text, whole, writable

if TYPE_CHECKING:
    from devices.virtual.kernel.machine import Machine


def cpuidle_files(like: "Machine") -> dict[str, KernelFile]:
    """Return the idle states of every CPU."""
    files: dict[str, KernelFile] = {
        f"{CPU}/cpuidle/current_driver": text(constant("psci_idle")),
        f"{CPU}/cpuidle/current_governor": text(constant("menu")),
    }
    shared: dict[tuple[object, ...], dict[str, KernelFile]] = {}  # the cores of a cluster are alike
    for cpu, sleeper in like.chip.idle.sleepers.items():
        for state, row in enumerate(sleeper.states):
            folder = f"{CPU}/cpu{cpu}/cpuidle/state{state}"
            for name, file in shared.setdefault(row, _facts(row)).items():
                files[f"{folder}/{name}"] = file
            files[f"{folder}/time"] = text(partial(_spent_us, cpu, state))
            files[f"{folder}/usage"] = text(partial(_usage, cpu, state))
            files[f"{folder}/disable"] = writable(
                partial(_is_disabled, cpu, state), partial(_disable, cpu, state)
            )
    return files


def _facts(row: tuple[str, int, int, float]) -> dict[str, KernelFile]:
    """Return what a state is, which never changes."""
    name, exit_us, residency_us, _ = row
    return {
        "name": text(constant(name)),
        "desc": text(constant(name)),
        "latency": text(constant(exit_us)),
        "residency": text(constant(residency_us)),
    }


def _idle_us(machine: "Machine", cpu: int) -> int:
    return max(round(machine.now_ns - machine.counters.busy_ns[cpu]) // 1000, 0)


def _spent_us(cpu: int, state: int, machine: "Machine") -> object:
    sleeper = machine.chip.idle.sleepers[cpu]
    sleeper.account(_idle_us(machine, cpu))
    return sleeper.spent_us[state]


def _usage(cpu: int, state: int, machine: "Machine") -> object:
    sleeper = machine.chip.idle.sleepers[cpu]
    sleeper.account(_idle_us(machine, cpu))
    return sleeper.usage(state)


def _is_disabled(cpu: int, state: int, machine: "Machine") -> object:
    return int(state in machine.chip.idle.sleepers[cpu].disabled)


def _disable(cpu: int, state: int, machine: "Machine", word: str) -> None:
    is_forbidden = bool(whole(word))
    machine.written()
    idle_us = _idle_us(machine, cpu)
    machine.chip.idle.forbid(cpu, state, is_forbidden=is_forbidden, idle_us=idle_us)
