"""Which knobs a phone has: a closed list of files, and the values that its kernel lists."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from devices.phone import Phone
from devices.profile import DeviceProfile
from devices.reports import ReportRefused
from devices.sysfs.sections import numbers, sections, sweep

_POLICY = "/sys/devices/system/cpu/cpufreq/policy{}"
_DEVFREQ = "/sys/class/devfreq"
_KGSL = "/sys/class/kgsl/kgsl-3d0/devfreq"
_FILE = r"(?:governor|min_freq|max_freq|userspace/set_freq)"
#: Nothing else is ever written: no voltage, no trip point, no charging.
PATHS = re.compile(
    r"/sys/devices/system/cpu/cpufreq/policy[0-9]{1,3}/scaling_(?:governor|m(?:ax|in)_freq|setspeed)"
    rf"|{_DEVFREQ}/[A-Za-z0-9_.:,-]{{1,64}}/{_FILE}"
    rf"|{_KGSL}/{_FILE}"
)
WORDS = re.compile(r"[A-Za-z0-9_-]{1,32}")
_GPU = re.compile(r"mali|kgsl|gpu|g3d")
#: What stands for the memory, the best first: some phones have a node for each of its masters.
_MEMORY = ("cpubw", "llcc-ddr-bw", "ddr", "bimc", "mif", "dvfsrc", "dmc", "memlat")
_BANDWIDTH = re.compile(r"bw|memlat")
_MOST_MBPS = 100_000
_LEAST_HZ = 10_000_000  # nothing with a clock in kHz runs at 10 GHz

Files = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Knob:
    """One thing that can be set, and to what."""

    name: str  # cluster4.max_khz
    path: str
    values: tuple[str, ...]
    scale: int = 1  # how much the kernel counts per unit of `values`: 1000 for a node in Hz

    def raw(self, value: str) -> str:
        """Return what is written into the file."""
        return str(int(value) * self.scale) if self.scale != 1 else value

    def shown(self, raw: str) -> str:
        """Return what the file says, in the unit of `values`."""
        return str(int(raw) // self.scale) if self.scale != 1 and raw.isdecimal() else raw


def knobs_of(phone: Phone, profile: DeviceProfile) -> dict[str, Knob]:
    """Return the knobs of a phone by name; none without root."""
    if not profile.is_rooted:
        return {}
    knobs: list[Knob] = []
    files = _files(phone)
    for cluster in profile.clusters:
        knobs += _cluster(cluster.policy, cluster.frequencies_khz, files)
    nodes = dict.fromkeys(path.split("/")[4] for path in files if path.startswith(_DEVFREQ))
    knobs += _devfreq("mem", _memory(list(nodes)), files)
    gpu = next((f"{_DEVFREQ}/{node}" for node in nodes if _GPU.search(node)), None)
    knobs += _devfreq("gpu", _KGSL if files.get(f"{_KGSL}/governor") else gpu, files)
    return {knob.name: knob for knob in knobs if knob.values and PATHS.fullmatch(knob.path)}


def _files(phone: Phone) -> Files:
    listed = ("governor", "available_governors", "available_frequencies")
    globs = [f"{folder}/{file}" for folder in (f"{_DEVFREQ}/*", _KGSL) for file in listed]
    globs.append(f"{_POLICY.format('*')}/scaling_available_governors")
    try:
        found = sections(sweep(phone, globs))
    except ReportRefused:
        return {}
    return {path: text for path, text in found.items() if "*" not in path}  # a glob of nothing


def _cluster(policy: int, khz: Sequence[int], files: Files) -> list[Knob]:
    folder, name = _POLICY.format(policy), f"cluster{policy}"
    governors = tuple((files.get(f"{folder}/scaling_available_governors") or "").split())
    steps = tuple(str(step) for step in khz)
    return [
        Knob(f"{name}.gov", f"{folder}/scaling_governor", governors),
        Knob(f"{name}.max_khz", f"{folder}/scaling_max_freq", steps),
        Knob(f"{name}.min_khz", f"{folder}/scaling_min_freq", steps),
        Knob(f"{name}.set_khz", f"{folder}/scaling_setspeed", steps),
    ]


def _memory(nodes: Sequence[str]) -> str | None:
    others = [node for node in nodes if not _GPU.search(node)]
    found = (node for word in _MEMORY for node in others if word in node)
    node = next(found, None)
    return f"{_DEVFREQ}/{node}" if node else None


def _devfreq(name: str, folder: str | None, files: Files) -> list[Knob]:
    if folder is None:
        return []
    steps = sorted(numbers(files.get(f"{folder}/available_frequencies")))
    is_bandwidth = bool(_BANDWIDTH.search(folder)) and max(steps, default=0) < _MOST_MBPS
    scale = 1000 if max(steps, default=0) >= _LEAST_HZ else 1
    unit = "mbps" if is_bandwidth else "khz"
    values = tuple(str(step // scale) for step in steps)
    governors = tuple((files.get(f"{folder}/available_governors") or "").split())
    knobs = [
        Knob(f"{name}.gov", f"{folder}/governor", governors),
        Knob(f"{name}.max_{unit}", f"{folder}/max_freq", values, scale),
        Knob(f"{name}.min_{unit}", f"{folder}/min_freq", values, scale),
    ]
    if "userspace" in governors:  # its file comes with that governor
        knobs.append(Knob(f"{name}.set_{unit}", f"{folder}/userspace/set_freq", values, scale))
    return knobs
