"""Thermal zones as the kernel shows them; `parse_zones` is pure, `read_zones` asks a phone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from devices.facts import NOTHING_KNOWN, Facts
from devices.phone import Phone
from devices.reports import ReportRefused, cleaned, number

#: One loop prints name and value together: separate listings can lose lines and shift names.
_SWEEP = (
    "for z in /sys/class/thermal/thermal_zone*; do "
    'echo "${z##*/}|$(cat $z/type 2>/dev/null)|$(cat $z/temp 2>&1)"; done'
)
_LINE = re.compile(r"thermal_zone([0-9]{1,4})\|(.*)\|(.*)")
_NO_TEMPERATURE = re.compile(r"ibat|vbat|bcl|-lvl[0-9]|vph|current|voltage|socd", re.IGNORECASE)
#: What drivers report for a sensor that is not there.
_ABSENT = frozenset((0, -40, -40000, -127, -127000, -273000, -274000, 125, 125000))
_SKINS = ("skin", "shell")  # as makers name a sensor of the case
_PER_DEGREE = {"mC": 1000, "dC": 10, "C": 1}
_SUSPECT_K = 20.0  # so far below the middle of its neighbors no zone of a running phone is


@dataclass(frozen=True, slots=True)
class ZoneReading:
    """One zone: its temperature, or why it has none."""

    i: int
    type: str
    c: float | None  # [°C]
    why: str | None = None  # not_temp, read_error, absent or suspect
    unit: str | None = None  # what it counts in: mC, dC or C


@dataclass(frozen=True, slots=True)
class ZonesReport:
    """All zones by their index."""

    zones: tuple[ZoneReading, ...]


def is_skin(name: str) -> bool:
    """Return whether a sensor's name says that it is a temperature of the case."""
    return any(word in name.lower() for word in _SKINS)


def read_zones(phone: Phone, timeout_s: float = 15.0) -> ZonesReport:
    """Ask a phone; one without zones has none."""
    try:
        return parse_zones(phone.text_of(["sh", "-c", _SWEEP], timeout_s=timeout_s))
    except ReportRefused:
        return ZonesReport(())


def parse_zones(text: str, facts: Facts = NOTHING_KNOWN) -> ZonesReport:
    """Read `thermal_zoneN|type|temp` lines, or a list of types and one of temperatures.

    Units differ from zone to zone: where no fact tells, m°C, 0.1 °C and °C are told apart by
    magnitude.
    """
    lines = cleaned(text)
    rows = _paired(lines) if "# type" in lines else _joined(lines)
    if not rows:
        raise ReportRefused("empty")
    units = facts.zone_units
    readings = [
        _reading(i, kind, raw, units.get(kind))
        for i, kind, raw in sorted(rows, key=lambda row: row[0])
    ]
    return ZonesReport(tuple(_doubt(readings)))


def _joined(lines: Sequence[str]) -> list[tuple[int, str, str]]:
    matches = (_LINE.fullmatch(line) for line in lines)
    return [(int(match[1]), match[2].strip(), match[3].strip()) for match in matches if match]


def _paired(lines: Sequence[str]) -> list[tuple[int, str, str]]:
    start = lines.index("# type")
    middle = lines.index("# temp") if "# temp" in lines else len(lines)
    types = [line for line in lines[start + 1 : middle] if line]
    temps = [line for line in lines[middle + 1 :] if line]
    if len(types) != len(temps):
        raise ReportRefused("count_mismatch")
    indexes = sorted(range(len(types)), key=str)  # the order in which a shell lists them
    return list(zip(indexes, types, temps, strict=True))


def _reading(i: int, kind: str, raw: str, unit: str | None) -> ZoneReading:
    value = number(raw)
    if _NO_TEMPERATURE.search(kind) or kind.lower() == "soc":
        return ZoneReading(i, kind, None, "not_temp")
    if value is None:
        return ZoneReading(i, kind, None, "read_error")
    unit = unit or _unit_of(value)
    celsius = value / _PER_DEGREE[unit]
    if value in _ABSENT or not -30 <= celsius <= 150:
        return ZoneReading(i, kind, None, "absent")
    return ZoneReading(i, kind, celsius, unit=unit)


def _unit_of(value: float) -> str:
    if abs(value) >= 1000:
        return "mC"
    return "dC" if value > 125 else "C"


def _doubt(readings: Sequence[ZoneReading]) -> list[ZoneReading]:
    valid = [reading.c for reading in readings if reading.c is not None]
    if not valid:
        return list(readings)
    least = median(valid) - _SUSPECT_K
    return [
        replace(reading, c=None, why="suspect")
        if reading.c is not None and reading.c < least
        else reading
        for reading in readings
    ]
