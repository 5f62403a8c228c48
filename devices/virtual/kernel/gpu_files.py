"""What vendors show of a GPU beside devfreq: Adreno's kgsl, Mali's own files."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from devices.virtual.kernel.devfreq_files import domain_nodes
from devices.virtual.kernel.gpu import BUSY_FILE, Gpu
from devices.virtual.kernel.node import Node, constant, text, writable

if TYPE_CHECKING:
    from devices.virtual.kernel.machine import Machine

KGSL = "/sys/class/kgsl/kgsl-3d0"
MALI = "/sys/kernel/gpu"
_WINDOW_US = 1_000_000  # of gpubusy: what is counted between two looks


def gpu_nodes(machine: "Machine") -> dict[str, Node]:
    """Return the vendor's files of the GPU, if there is one."""
    gpu = machine.chip.gpu
    if gpu is None:
        return {}
    place = len(machine.chip.domains) - 1
    files = _kgsl if gpu.spec.driver == "kgsl" else _mali
    return files(machine, gpu, place)


def _kgsl(machine: "Machine", gpu: Gpu, place: int) -> dict[str, Node]:
    domain = gpu.domain
    falling = domain.steps[::-1]

    def hertz() -> int:
        return domain.steps[machine.moment.domains[place]]

    reads: dict[str, Callable[[], object]] = {
        "gpuclk": hertz,
        "clock_mhz": lambda: hertz() // 1_000_000,
        "max_gpuclk": lambda: domain.limit,
        "max_clock_mhz": lambda: domain.limit // 1_000_000,
        "gpu_available_frequencies": constant("".join(f"{step} " for step in falling)),
        "freq_table_mhz": constant("".join(f"{step // 1_000_000} " for step in falling)),
        "gpu_busy_percentage": lambda: f"{round(100 * machine.moment.gpu)} %",
        "gpubusy": lambda: _counters(machine.moment.gpu),
        "thermal_pwrlevel": lambda: len(domain.steps) - 1 - domain.cap_point,
        "num_pwrlevels": constant(len(domain.steps)),
        "gpu_model": constant(gpu.spec.name.replace(" ", "") + "v2"),
    }
    nodes = {f"{KGSL}/{name}": text(read) for name, read in reads.items()}
    files = domain_nodes(machine, place, domain)
    nodes.update({f"{KGSL}/devfreq/{name}": node for name, node in files.items()})
    return nodes


def _counters(busy: float) -> str:
    """Return busy and total time; both are 0 while the GPU is switched off."""
    return f"{round(busy * _WINDOW_US):7} {_WINDOW_US:7}" if busy else "      0       0"


def _mali(machine: "Machine", gpu: Gpu, place: int) -> dict[str, Node]:
    """Return the files of Samsung's and Google's Mali driver, which counts in kHz."""
    domain = gpu.domain
    listed = " ".join(str(step // 1000) for step in domain.steps[::-1])
    reads: dict[str, Callable[[], object]] = {
        "gpu_clock": lambda: domain.steps[machine.moment.domains[place]] // 1000,
        "gpu_busy": lambda: f"{round(100 * machine.moment.gpu)}%",
        "gpu_freq_table": constant(listed),
        "gpu_model": constant(gpu.spec.name),
    }
    nodes = {BUSY_FILE["mali"]: text(lambda: round(100 * machine.moment.gpu))}
    if machine.spec.quirks.cpufreq_driver.startswith("exynos"):
        nodes.update({f"{MALI}/{name}": text(read) for name, read in reads.items()})
        limits: dict[str, Callable[[], int]] = {
            "min": lambda: domain.wish.low,
            "max": lambda: domain.limit,
        }
        for end, limit in limits.items():
            nodes[f"{MALI}/gpu_{end}_clock"] = writable(
                partial(_khz, limit), partial(_set_khz, machine, gpu, end)
            )
    return nodes


def _khz(read: Callable[[], int]) -> object:
    return read() // 1000


def _set_khz(machine: "Machine", gpu: Gpu, end: str, word: str) -> None:
    hertz = f"{word}000" if word.isdecimal() else word
    machine.actuate(gpu.domain, lambda now_ns: gpu.domain.write(f"{end}_freq", hertz, now_ns))
