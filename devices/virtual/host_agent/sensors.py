"""What this machine can tell about itself: temperatures, clocks, load, memory, power."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from devices.clock import HOST
from devices.virtual.agent.body import Row, Sensor

Read = Callable[[], int | None]

_RELOOK_NS = 30_000_000_000  # an unreadable node is tried again after this long
_FIRST_STRETCH_S = 0.05
_LEAST_STRETCH_NS = 20_000_000  # a change over less time than this is noise


@dataclass(frozen=True, slots=True)
class Probe:
    """A sensor and the function that reads it now."""

    sensor: Sensor
    read: Read


class NodeFile:
    """One sysfs file kept open and read at its start; None while it cannot be read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None
        self._retry_ns = 0

    def text(self) -> str | None:
        """Return its content now."""
        if self._fd is None and not self._open():
            return None
        assert self._fd is not None
        try:
            data = os.pread(self._fd, 65536, 0)
        except OSError:
            data = b""
        if not data:  # gone, or of the kind that must be opened anew
            os.close(self._fd)
            self._fd = None
            return None
        return data.decode("ascii", "replace")

    def integer(self) -> int | None:
        """Return the integer in it now."""
        text = self.text()
        return int(text) if text and re.fullmatch(r"\s*-?[0-9]{1,18}\s*", text) else None

    def _open(self) -> bool:
        now_ns = HOST.now_ns()
        if now_ns < self._retry_ns:
            return False
        try:
            self._fd = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            self._retry_ns = now_ns + _RELOOK_NS
            return False
        return True


def find_probes(root: Path) -> list[Probe]:
    """Return a probe for everything that this machine shows below `root` (/ or a test's tree)."""
    found = [
        *_thermal_zones(root),
        *_hardware_monitors(root),
        *_clocks(root),
        *_battery(root),
        *_energy_counters(root),
        *_utilization(root),
        *_memory(root),
    ]
    probes = list(_unique(found))
    for probe in probes:
        probe.read()
    HOST.wait(_FIRST_STRETCH_S)  # what is told as a change needs two looks
    return [Probe(_measured(probe), probe.read) for probe in probes]


def reader_of(probes: list[Probe]) -> Callable[[], Row]:
    """Return a function that reads all of these once."""
    reads = [probe.read for probe in probes]
    return lambda: [read() for read in reads]


def _measured(probe: Probe) -> Sensor:
    """Read a probe five times; note the median cost and whether it can be read at all."""
    costs = []
    value = None
    for _ in range(5):
        began_ns = HOST.now_ns()
        value = probe.read()
        costs.append((HOST.now_ns() - began_ns) // 1000)
    sensor = probe.sensor
    quality = "ok" if value is not None else "unreadable"
    return Sensor(sensor.id, sensor.path, sensor.unit, sorted(costs)[2], value, quality)


def _unique(probes: list[Probe]) -> Iterator[Probe]:
    """Number repeated ids: the second is `#2`."""
    seen: dict[str, int] = {}
    for probe in probes:
        sensor = probe.sensor
        seen[sensor.id] = seen.get(sensor.id, 0) + 1
        count = seen[sensor.id]
        name = sensor.id if count == 1 else f"{sensor.id}#{count}"
        yield Probe(Sensor(name, sensor.path, sensor.unit), probe.read)


def _by_number(folder: Path, pattern: str) -> list[Path]:
    def number(path: Path) -> tuple[int, str]:
        digits = re.search(r"[0-9]+", path.name)
        return (int(digits[0]) if digits else -1, path.name)

    return sorted(folder.glob(pattern), key=number)


def _word(path: Path) -> str:
    try:
        text = path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
    return re.sub(r"[^A-Za-z0-9_.-]", "_", text)[:64]


def _thermal_zones(root: Path) -> Iterator[Probe]:
    for zone in _by_number(root / "sys/class/thermal", "thermal_zone*"):
        kind = _word(zone / "type") or zone.name
        yield _temperature(f"thermal:{kind}", zone / "temp")


def _hardware_monitors(root: Path) -> Iterator[Probe]:
    for monitor in _by_number(root / "sys/class/hwmon", "hwmon*"):
        chip = _word(monitor / "name") or monitor.name
        for file in _by_number(monitor, "temp*_input"):
            label = _word(monitor / file.name.replace("_input", "_label")) or file.name[:-6]
            yield _temperature(f"thermal:{chip}_{label}"[:72], file)


def _temperature(name: str, path: Path) -> Probe:
    """Guess once from the magnitude what a zone counts in: m°C, 0.1 °C or °C."""
    first = abs(NodeFile(path).integer() or 0)
    factor = 1 if first >= 1000 else 100 if first > 125 else 1000 if first else 1
    return Probe(Sensor(name, str(path), "mC"), _scaled(path, factor))


def _clocks(root: Path) -> Iterator[Probe]:
    for policy in _by_number(root / "sys/devices/system/cpu/cpufreq", "policy*"):
        name = policy.name.replace("policy", "cluster")
        for quantity, file in (("cur_khz", "scaling_cur_freq"), ("max_khz", "scaling_max_freq")):
            path = policy / file
            yield Probe(Sensor(f"{name}.{quantity}", str(path), "kHz"), NodeFile(path).integer)


def _battery(root: Path) -> Iterator[Probe]:
    for supply in _by_number(root / "sys/class/power_supply", "BAT*"):
        for quantity, file, unit, factor in (
            ("temp", "temp", "mC", 100),  # the kernel counts in 0.1 °C
            ("current", "current_now", "uA", 1),
            ("voltage", "voltage_now", "uV", 1),
            ("level", "capacity", "pct", 1),
        ):
            path = supply / file
            if path.exists():
                yield Probe(Sensor(f"power:{quantity}", str(path), unit), _scaled(path, factor))


def _scaled(path: Path, factor: int) -> Read:
    file = NodeFile(path)

    def read() -> int | None:
        value = file.integer()
        return None if value is None else value * factor

    return read


def _energy_counters(root: Path) -> Iterator[Probe]:
    for zone in _by_number(root / "sys/class/powercap", "intel-rapl:*"):
        path = zone / "energy_uj"
        if os.access(path, os.R_OK):
            name = f"rapl:{_word(zone / 'name') or zone.name.replace(':', '_')}"
            yield Probe(Sensor(name, str(path), "mW"), _MeanPower(NodeFile(path)))


class _MeanPower:
    """Power since the last reading, from a counter of energy [mW]."""

    def __init__(self, file: NodeFile) -> None:
        self._file = file
        self._before: tuple[int, int] | None = None  # energy [µJ] and time [ns]
        self._last_mw: int | None = None

    def __call__(self) -> int | None:
        energy_uj, now_ns = self._file.integer(), HOST.now_ns()
        if energy_uj is None:
            self._before = self._last_mw = None
        elif self._before is None or energy_uj < self._before[0]:  # the counter has wrapped
            self._before = (energy_uj, now_ns)
        elif now_ns - self._before[1] >= _LEAST_STRETCH_NS:
            spent_uj, took_ns = energy_uj - self._before[0], now_ns - self._before[1]
            self._last_mw = spent_uj * 1_000_000 // took_ns
            self._before = (energy_uj, now_ns)
        return self._last_mw


def _utilization(root: Path) -> Iterator[Probe]:
    path = root / "proc/stat"
    yield Probe(Sensor("util:all", str(path), "pm"), _BusyShare(NodeFile(path)))


class _BusyShare:
    """Share of time since the last reading in which the CPUs were busy [‰]."""

    def __init__(self, file: NodeFile) -> None:
        self._file = file
        self._before: tuple[int, int] | None = None
        self._last_pm: int | None = None

    def __call__(self) -> int | None:
        now = self._ticks()
        if now is None or self._before is None:
            self._before, self._last_pm = now, None
        elif now[1] > self._before[1]:  # the kernel counts in ticks of 10 ms
            busy, total = now[0] - self._before[0], now[1] - self._before[1]
            self._before, self._last_pm = now, 1000 * max(0, busy) // total
        return self._last_pm

    def _ticks(self) -> tuple[int, int] | None:
        """Return (busy, all) ticks since boot over all CPUs."""
        first = (self._file.text() or "").partition("\n")[0].split()
        if len(first) < 6 or first[0] != "cpu":
            return None
        ticks = [int(word) for word in first[1:9]]
        idle = ticks[3] + ticks[4]  # idle and waiting for a disk
        return sum(ticks) - idle, sum(ticks)


def _memory(root: Path) -> Iterator[Probe]:
    path = root / "proc/meminfo"
    file = NodeFile(path)

    def read() -> int | None:
        match = re.search(r"^MemAvailable:\s+([0-9]+) kB", file.text() or "", re.MULTILINE)
        return int(match[1]) * 1024 // 1000 if match else None  # the kernel's kB are 1024 bytes

    yield Probe(Sensor("mem:available", str(path), "kB"), read)
