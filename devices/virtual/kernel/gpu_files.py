"""What vendors show of a GPU beside devfreq: Adreno's kgsl, Mali's own files."""

from functools import partial
from typing import TYPE_CHECKING

from devices.virtual.kernel.blocks import Gpu
from devices.virtual.kernel.devfreq import Domain
from devices.virtual.kernel.devfreq_files import domain_files
from devices.virtual.kernel.gpu import BUSY_FILE
from devices.virtual.kernel.node import KernelFile, Read, constant, text, writable

if TYPE_CHECKING:
    from devices.virtual.kernel.machine import Machine

KGSL = "/sys/class/kgsl/kgsl-3d0"
MALI = "/sys/kernel/gpu"
_WINDOW_US = 1_000_000  # of gpubusy: what is counted between two looks


def gpu_files(like: "Machine") -> dict[str, KernelFile]:
    """Return the vendor's files of the GPU, if there is one."""
    gpu = like.chip.gpu
    if gpu is None:
        return {}
    return _kgsl(like, gpu.spec) if gpu.spec.driver == "kgsl" else _mali(like, gpu.spec)


def _domain(machine: "Machine") -> Domain:
    """Return the GPU's clock, which comes after the memory's."""
    return machine.chip.domains[-1]


def _hertz(machine: "Machine") -> int:
    return _domain(machine).steps[machine.moment.domains[-1]]


def _kgsl(like: "Machine", spec: Gpu) -> dict[str, KernelFile]:
    falling = _domain(like).steps[::-1]
    reads: dict[str, Read] = {
        "gpuclk": _hertz,
        "clock_mhz": lambda machine: _hertz(machine) // 1_000_000,
        "max_gpuclk": lambda machine: _domain(machine).limit,
        "max_clock_mhz": lambda machine: _domain(machine).limit // 1_000_000,
        "gpu_available_frequencies": constant("".join(f"{step} " for step in falling)),
        "freq_table_mhz": constant("".join(f"{step // 1_000_000} " for step in falling)),
        "gpu_busy_percentage": lambda machine: f"{round(100 * machine.moment.gpu)} %",
        "gpubusy": lambda machine: _counters(machine.moment.gpu),
        "thermal_pwrlevel": lambda machine: len(falling) - 1 - _domain(machine).cap_point,
        "num_pwrlevels": constant(len(falling)),
        "gpu_model": constant(spec.name.replace(" ", "") + "v2"),
    }
    files = {f"{KGSL}/{name}": text(read) for name, read in reads.items()}
    its = domain_files(like, len(like.chip.domains) - 1)
    files.update({f"{KGSL}/devfreq/{name}": file for name, file in its.items()})
    return files


def _counters(busy: float) -> str:
    """Return busy and total time; both are 0 while the GPU is switched off."""
    return f"{round(busy * _WINDOW_US):7} {_WINDOW_US:7}" if busy else "      0       0"


def _mali(like: "Machine", spec: Gpu) -> dict[str, KernelFile]:
    """Return the files of Samsung's and Google's Mali driver, which counts in kHz."""
    listed = " ".join(str(step // 1000) for step in _domain(like).steps[::-1])
    reads: dict[str, Read] = {
        "gpu_clock": lambda machine: _hertz(machine) // 1000,
        "gpu_busy": lambda machine: f"{round(100 * machine.moment.gpu)}%",
        "gpu_freq_table": constant(listed),
        "gpu_model": constant(spec.name),
    }
    files = {BUSY_FILE["mali"]: text(lambda machine: round(100 * machine.moment.gpu))}
    if like.spec.quirks.cpufreq_driver.startswith("exynos"):
        files.update({f"{MALI}/{name}": text(read) for name, read in reads.items()})
        limits: dict[str, Read] = {
            "min": lambda machine: _domain(machine).wish.low // 1000,
            "max": lambda machine: _domain(machine).limit // 1000,
        }
        for end, limit in limits.items():
            files[f"{MALI}/gpu_{end}_clock"] = writable(limit, partial(_set_khz, end))
    return files


def _set_khz(end: str, machine: "Machine", word: str) -> None:
    domain, hertz = _domain(machine), f"{word}000" if word.isdecimal() else word
    machine.actuate(domain, lambda now_ns: domain.write(f"{end}_freq", hertz, now_ns))
