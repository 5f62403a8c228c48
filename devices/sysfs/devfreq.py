"""Clocks of GPU, memory and buses in sysfs; `parse` is pure, `read` asks a phone."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from devices.phone import Phone
from devices.reports import ReportRefused, Word, cleaned, integer, number
from devices.sysfs.sections import numbers, sections, sweep

_KGSL = "/sys/class/kgsl/kgsl-3d0"
_NODE = re.compile(r"/sys/class/devfreq/([^/]+)/([a-z_]+)")
_NODE_FILES = (
    "cur_freq",
    "min_freq",
    "max_freq",
    "available_frequencies",
    "governor",
    "trans_stat",
)
_KGSL_FILES = (
    "gpuclk",
    "clock_mhz",
    "max_gpuclk",
    "gpu_available_frequencies",
    "freq_table_mhz",
    "devfreq/available_frequencies",
    "gpu_busy_percentage",
    "gpubusy",
    "thermal_pwrlevel",
)
_GLOBS = (
    *(f"{_KGSL}/{name}" for name in _KGSL_FILES),
    *(f"/sys/class/devfreq/*/{name}" for name in _NODE_FILES),
)
_WRITE_ERRORS: Mapping[str, Word] = {
    "Permission denied": "permission_denied",
    "Invalid argument": "invalid_value",
}
_REFUSED_WRITE = re.compile(r".*can't create (/sys/\S+)/[^/]+: (.*)")
_BANDWIDTH = re.compile(r"bw|memlat|llcc|ddr|bimc")
_MOST_MBPS = 100_000
_LEAST_HZ = 10**7  # nothing with a clock in kHz runs at 10 GHz
_TRANSITION = re.compile(r"(\*?)\s*([0-9]{1,18}):")

Files = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Gpu:
    """An Adreno GPU."""

    cur_mhz: float | None
    max_mhz: float | None
    avail_mhz: tuple[float, ...]  # ascending
    busy_pct: float | None
    cap_level: int | None  # index of the thermal cap


@dataclass(frozen=True, slots=True)
class Node:
    """One devfreq node; its values are in `unit`, mhz or mbps."""

    unit: str
    cur: float | None
    min: float | None
    max: float | None
    avail: tuple[float, ...]
    governor: str | None


@dataclass(frozen=True, slots=True)
class DevfreqReport:
    """The GPU, if it is an Adreno, and every devfreq node by its name."""

    gpu: Gpu | None
    nodes: dict[str, Node]


def read(phone: Phone) -> DevfreqReport:
    """Ask a phone; one without such nodes has none."""
    try:
        return parse(sweep(phone, _GLOBS))
    except ReportRefused:
        return DevfreqReport(None, {})


def parse(text: str) -> DevfreqReport:
    """Read a sweep of devfreq and kgsl files; refused writes are told as `write_errors`."""
    _raise_refused_writes(text)
    files = sections(text)
    names = dict.fromkeys(match[1] for match in map(_NODE.fullmatch, files) if match)
    has_gpu = any(path.startswith(_KGSL) for path in files)
    return DevfreqReport(
        gpu=_gpu(files) if has_gpu else None,
        nodes={name: _node(name, files) for name in names},
    )


def _raise_refused_writes(text: str) -> None:
    errors: dict[str, Word] = {}
    for match in filter(None, map(_REFUSED_WRITE.fullmatch, cleaned(text))):
        errors[match[1].rpartition("/")[2]] = _WRITE_ERRORS.get(match[2], "not_found")
    if errors:
        is_denied = "permission_denied" in errors.values()
        raise ReportRefused("permission_denied" if is_denied else "not_found", write_errors=errors)


def _gpu(files: Files) -> Gpu:
    def text(name: str) -> str | None:
        return files.get(f"{_KGSL}/{name}")

    clock_hz, top_hz = integer(text("gpuclk")), integer(text("max_gpuclk"))
    steps = _steps_mhz(text)
    return Gpu(
        cur_mhz=clock_hz / 1e6 if clock_hz is not None else number(text("clock_mhz")),
        max_mhz=top_hz / 1e6 if top_hz is not None else max(steps, default=None),
        avail_mhz=steps,
        busy_pct=_busy_pct(text("gpu_busy_percentage"), text("gpubusy")),
        cap_level=integer(text("thermal_pwrlevel")),
    )


def _steps_mhz(text: Callable[[str], str | None]) -> tuple[float, ...]:
    for name in ("gpu_available_frequencies", "devfreq/available_frequencies"):
        if hertz := numbers(text(name)):
            return tuple(sorted(value / 1e6 for value in hertz))
    return tuple(sorted(float(value) for value in numbers(text("freq_table_mhz"))))


def _busy_pct(percentage: str | None, counters: str | None) -> float | None:
    share = number((percentage or "").replace("%", ""))
    if share is not None:
        return share
    words = numbers(counters)
    if len(words) != 2:
        return None
    busy, total = words
    return 100 * busy / total if total else 0.0  # powered down


def _node(name: str, files: Files) -> Node:
    def text(file: str) -> str | None:
        return files.get(f"/sys/class/devfreq/{name}/{file}")

    cur, low, high = (integer(text(file)) for file in ("cur_freq", "min_freq", "max_freq"))
    steps = numbers(text("available_frequencies"))
    if not steps:
        steps, starred = _transitions(text("trans_stat") or "")
        cur = starred if cur is None else cur
    known = [value for value in (cur, low, high, *steps) if value is not None]
    unit, scale = _unit(name, known)

    def scaled(value: int | None) -> float | None:
        return None if value is None else value / scale

    return Node(
        unit=unit,
        cur=scaled(cur),
        min=scaled(low),
        max=scaled(high),
        avail=tuple(sorted(step / scale for step in steps)),
        governor=text("governor") or None,
    )


def _unit(name: str, values: Sequence[int]) -> tuple[str, float]:
    """Nodes count in MB/s, Hz or kHz, and only name and magnitude tell which."""
    highest = max(values, default=0)
    if _BANDWIDTH.search(name) and highest < _MOST_MBPS:
        return "mbps", 1.0
    return "mhz", 1e6 if highest >= _LEAST_HZ else 1e3


def _transitions(text: str) -> tuple[tuple[int, ...], int | None]:
    """Return the levels that a table of transitions has rows for, and the starred one."""
    rows = [match for match in map(_TRANSITION.match, map(str.strip, text.splitlines())) if match]
    starred = [int(row[2]) for row in rows if row[1]]
    return tuple(int(row[2]) for row in rows), starred[0] if starred else None
