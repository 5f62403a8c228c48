"""Which knobs a phone has: looked up in sysfs, with the rights of the process that looks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

_CPUFREQ = "/sys/devices/system/cpu/cpufreq"
_DEVFREQ = "/sys/class/devfreq"
_KGSL = "/sys/class/kgsl/kgsl-3d0/devfreq"
_GPU_WORDS = ("mali", "kgsl", "gpu", "g3d")
# What stands for the memory, the best first: some phones have a node for each of its masters.
_MEMORY_WORDS = ("cpubw", "llcc-ddr-bw", "ddr", "bimc", "mif", "dvfsrc", "dmc", "memlat")
_BANDWIDTH_WORDS = ("bw", "memlat")
_LEAST_HZ = 10_000_000  # nothing with a clock in kHz runs at 10 GHz
_WRITE = 2


class Files(Protocol):
    """The phone's files with the rights of the agent's process; failures are OSErrors."""

    def read(self, path: str) -> bytes: ...
    def write(self, path: str, data: bytes) -> None: ...
    def rename(self, old: str, new: str) -> None: ...
    def remove(self, path: str) -> None: ...
    def makedirs(self, path: str) -> None: ...
    def listdir(self, path: str) -> list[str]: ...
    def may(self, path: str, want: int) -> bool: ...


@dataclass(frozen=True, slots=True)
class Knob:
    """One file that can be written, and the values that the kernel lists for it."""

    name: str  # cluster4.max_khz
    path: str
    values: tuple[str, ...]
    scale: int = 1  # how much the kernel counts per unit of the wire: 1000 for a node in Hz

    def raw(self, value: str) -> str:
        """Return what is written into the file."""
        return str(int(value) * self.scale) if self.scale != 1 else value

    def shown(self, raw: str) -> str:
        """Return what a file says, in the unit of the wire."""
        return str(int(raw) // self.scale) if self.scale != 1 and raw.isdecimal() else raw


def find_knobs(files: Files) -> list[Knob]:
    """Return what may be written of every cpufreq policy, of the memory and of the GPU."""
    knobs = [
        knob
        for name in sorted(names_in(files, _CPUFREQ), key=lambda name: (len(name), name))
        if name.startswith("policy")
        for knob in _policy_knobs(files, f"{_CPUFREQ}/{name}", f"cluster{name[6:]}")
    ]
    gpu = next((n for n in names_in(files, _DEVFREQ) if _has(n, _GPU_WORDS)), None)
    folders = {
        "gpu": _KGSL if names_in(files, _KGSL) else gpu and f"{_DEVFREQ}/{gpu}",
        "mem": _memory_folder(files),
    }
    for thing, folder in folders.items():
        if folder:
            knobs += _devfreq_knobs(files, folder, thing)
    return [knob for knob in knobs if knob.values]


def _memory_folder(files: Files) -> str | None:
    """Return the node that stands for the memory: by the order of words, not of names."""
    names = [name for name in names_in(files, _DEVFREQ) if not _has(name, _GPU_WORDS)]
    first = (name for word in _MEMORY_WORDS for name in names if word in name)
    name = next(first, None)
    return f"{_DEVFREQ}/{name}" if name else None


def _policy_knobs(files: Files, folder: str, thing: str) -> list[Knob]:
    listed = text_of(files, f"{folder}/scaling_available_frequencies").split()
    if not listed:
        rows = text_of(files, f"{folder}/stats/time_in_state").splitlines()
        listed = [row.split()[0] for row in rows if row.strip()]
    khz = tuple(sorted(listed, key=int))
    governors = tuple(text_of(files, f"{folder}/scaling_available_governors").split())
    knobs = [
        Knob(f"{thing}.gov", f"{folder}/scaling_governor", governors),
        Knob(f"{thing}.max_khz", f"{folder}/scaling_max_freq", khz),
        Knob(f"{thing}.min_khz", f"{folder}/scaling_min_freq", khz),
        Knob(f"{thing}.set_khz", f"{folder}/scaling_setspeed", khz),
    ]
    return [knob for knob in knobs if files.may(knob.path, _WRITE)]


def _devfreq_knobs(files: Files, folder: str, thing: str) -> list[Knob]:
    raw = sorted(int(w) for w in text_of(files, f"{folder}/available_frequencies").split())
    is_bandwidth = thing == "mem" and _has(folder, _BANDWIDTH_WORDS)
    scale = 1000 if raw and raw[-1] >= _LEAST_HZ and not is_bandwidth else 1
    unit = "mbps" if is_bandwidth else "khz"
    values = tuple(str(value // scale) for value in raw)
    governors = tuple(text_of(files, f"{folder}/available_governors").split())
    knobs = [
        Knob(f"{thing}.gov", f"{folder}/governor", governors),
        Knob(f"{thing}.max_{unit}", f"{folder}/max_freq", values, scale),
        Knob(f"{thing}.min_{unit}", f"{folder}/min_freq", values, scale),
    ]
    writable = [knob for knob in knobs if files.may(knob.path, _WRITE)]
    if knobs[0] in writable and "userspace" in governors:  # its file comes with that governor
        writable.append(Knob(f"{thing}.set_{unit}", f"{folder}/userspace/set_freq", values, scale))
    return writable


def text_of(files: Files, path: str) -> str:
    try:
        return files.read(path).decode(errors="replace").strip()
    except OSError:
        return ""


def names_in(files: Files, folder: str) -> list[str]:
    try:
        return files.listdir(folder)
    except OSError:
        return []


def _has(name: str, words: Sequence[str]) -> bool:
    return any(word in name for word in words)
