"""CPU clusters and their clocks as the kernel shows them; `parse` is pure, `read` asks a phone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from devices.phone import Phone
from devices.reports import ReportRefused, integer
from devices.sysfs.sections import kernel_list, numbers, sections, sweep

_CPU = "/sys/devices/system/cpu"
_FILES = (
    "affected_cpus",
    "related_cpus",
    "cpuinfo_max_freq",
    "cpuinfo_min_freq",
    "cpuinfo_cur_freq",
    "scaling_available_frequencies",
    "scaling_boost_frequencies",
    "scaling_cur_freq",
    "scaling_governor",
    "scaling_max_freq",
    "scaling_min_freq",
    "stats/time_in_state",
)
_GLOBS = (
    f"{_CPU}/present",
    f"{_CPU}/online",
    *(f"{_CPU}/cpufreq/policy*/{name}" for name in _FILES),
)
_OLD_GLOBS = (
    f"{_CPU}/present",
    f"{_CPU}/online",
    *(f"{_CPU}/cpu[0-9]*/cpufreq/{name}" for name in _FILES),
)
_FOLDER = re.compile(rf"{_CPU}/(?:cpufreq/policy[0-9]+|cpu[0-9]+/cpufreq)")
_NAMES = {1: ("cpu",), 2: ("little", "big"), 3: ("little", "mid", "big")}
_NAMES_OF_FOUR = ("little", "mid", "big", "prime")


@dataclass(frozen=True, slots=True)
class ClusterReport:
    """Cores that share one clock, as far as their files can be read."""

    cpus: tuple[int, ...]
    online: tuple[int, ...]
    khz: tuple[int, ...]  # ascending
    khz_from: str  # available, time_in_state or limits
    min_khz: int | None
    max_khz: int | None
    cap_khz: int | None
    cur_khz: int | None
    governor: str | None

    @property
    def policy(self) -> int:
        """The kernel's number of it."""
        return self.cpus[0]


@dataclass(frozen=True, slots=True)
class CpuReport:
    """All CPUs of a phone."""

    present: tuple[int, ...]
    online: tuple[int, ...]
    clusters: tuple[ClusterReport, ...]
    unmapped: tuple[int, ...]  # present, but in no cluster


def read(phone: Phone) -> CpuReport:
    """Ask a phone; one without cpufreq has no clusters."""
    for globs in (_GLOBS, _OLD_GLOBS):
        try:
            report = parse(sweep(phone, globs))
        except ReportRefused:
            continue
        if report.clusters:
            return report
    return CpuReport((), (), (), ())


def parse(text: str) -> CpuReport:
    """Read a sweep of cpufreq files; raise ReportRefused when nothing is in it."""
    files = sections(text)
    present, online = (
        kernel_list(files.get(f"{_CPU}/present")),
        kernel_list(files.get(f"{_CPU}/online")),
    )
    folders = dict.fromkeys(match[0] for match in map(_FOLDER.match, files) if match)
    clusters: dict[tuple[int, ...], ClusterReport] = {}
    for folder in folders:
        cpus = numbers(files.get(f"{folder}/related_cpus"))
        if cpus and cpus not in clusters:
            clusters[cpus] = _cluster(folder, cpus, files, online)
    mapped = {cpu for cpus in clusters for cpu in cpus}
    return CpuReport(
        present, online, tuple(clusters.values()),
        tuple(cpu for cpu in present if cpu not in mapped),
    )  # fmt: skip


def _cluster(
    folder: str, cpus: tuple[int, ...], files: Mapping[str, str | None], online: tuple[int, ...]
) -> ClusterReport:
    def value(name: str) -> int | None:
        return integer(files.get(f"{folder}/{name}"))

    khz, khz_from = _steps(folder, files)
    lowest, highest = value("cpuinfo_min_freq"), value("cpuinfo_max_freq")
    if lowest is None and khz:
        lowest = khz[0]
    if highest is None and khz:
        highest = khz[-1]
    cap = value("scaling_max_freq")
    if cap is not None and highest is not None:
        cap = min(cap, highest)
    current = value("scaling_cur_freq")
    return ClusterReport(
        cpus=cpus,
        online=tuple(cpu for cpu in cpus if cpu in online),
        khz=khz or tuple(sorted({limit for limit in (lowest, highest) if limit is not None})),
        khz_from=khz_from,
        min_khz=lowest,
        max_khz=highest,
        cap_khz=cap,
        cur_khz=current if current is not None else value("cpuinfo_cur_freq"),
        governor=files.get(f"{folder}/scaling_governor") or None,
    )


def _steps(folder: str, files: Mapping[str, str | None]) -> tuple[tuple[int, ...], str]:
    listed = numbers(files.get(f"{folder}/scaling_available_frequencies"))
    if listed:
        boost = numbers(files.get(f"{folder}/scaling_boost_frequencies"))
        return tuple(sorted({*listed, *boost})), "available"
    rows = (files.get(f"{folder}/stats/time_in_state") or "").splitlines()
    keys = {number for row in rows for number in numbers(row)[:1]}
    return (tuple(sorted(keys)), "time_in_state") if keys else ((), "limits")


def names_of(report: CpuReport) -> dict[int, str]:
    """Return policy number -> little, mid, big, prime, by rising top frequency."""
    clusters = sorted(report.clusters, key=lambda cluster: (cluster.max_khz or 0, cluster.policy))
    if len(clusters) > len(_NAMES_OF_FOUR):  # a machine with a clock per core
        return {cluster.policy: f"cluster{cluster.policy}" for cluster in clusters}
    names = _NAMES.get(len(clusters), _NAMES_OF_FOUR)
    return {cluster.policy: name for cluster, name in zip(clusters, names, strict=False)}


def cluster_names(phone: Phone) -> dict[int, str]:
    """Ask a phone for its clusters and return their names by policy number."""
    return names_of(read(phone))
