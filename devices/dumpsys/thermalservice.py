"""Android's own thermal report, `dumpsys thermalservice`; `parse` is pure, `read` asks a phone."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from devices.phone import Phone
from devices.reports import ReportRefused, cleaned

_CPU, _BATTERY, _SKIN = 0, 2, 3
_NOT_TEMPERATURES = frozenset((-1, 6, 7, 8))  # unknown, battery voltage, current, percent
#: The old syntax names types in words.
_TYPE_NUMBERS = {
    "UNKNOWN": -1,
    "CPU": 0,
    "GPU": 1,
    "BATTERY": 2,
    "SKIN": 3,
    "USB_PORT": 4,
    "POWER_AMPLIFIER": 5,
    "BCL_VOLTAGE": 6,
    "BCL_CURRENT": 7,
    "BCL_PERCENTAGE": 8,
    "NPU": 9,
}
_STATUS = re.compile(r"Thermal Status: ([0-9])")
_READING = re.compile(
    r"Temperature\{mValue=([^,]+), mType=(-?[0-9]{1,9}), mName=(.*?)(, mStatus=.*)?\}"
)
_COOLING = re.compile(r"CoolingDevice\{mValue=(-?[0-9]{1,18}), mType=-?[0-9]+, mName=(.*)\}")
_THRESHOLD = re.compile(
    r"TemperatureThreshold\{mType=(-?[0-9]{1,9}), mName=(.*?), mHotThrottlingThresholds=\[([^]]*)\]"
)
_OLD_THRESHOLD = re.compile(
    r"\{\.type = ([A-Z_]+), \.name = (.*?), \.hotThrottlingThresholds = \[([^]]*)\]"
)
_SEVERITIES = 7


@dataclass(frozen=True, slots=True)
class ThermalReport:
    """What the HAL reads now, by `type/name`; the stale cache above it is ignored."""

    status: int
    override: bool | None  # forced by a test; None when the phone does not say
    hal_ready: bool
    temperatures: dict[str, float]  # [°C]
    other: dict[str, float]
    absent: tuple[str, ...]
    skin_c: float | None
    cpu_max_c: float | None
    battery_c: float | None
    thresholds: dict[str, tuple[float | None, ...]]  # severity 0..6 [°C]
    threshold_count: int
    cooling: dict[str, int]
    fallback: str | None  # "sysfs" when nothing can be read here

    @property
    def skins(self) -> tuple[str, ...]:
        """The names of what Android takes for the skin."""
        return tuple(name for kind, _, name in map(_halves, self.temperatures) if kind == _SKIN)


def read(phone: Phone) -> ThermalReport | None:
    """Ask a phone; None before Android 10, or when refused."""
    try:
        return parse(phone.text_of(["dumpsys", "thermalservice"]))
    except ReportRefused:
        return None


def parse(text: str) -> ThermalReport:
    """Read the report; raise ReportRefused when there is no `Thermal Status:` line."""
    lines = [line.strip() for line in cleaned(text)]
    status = next((match[1] for match in map(_STATUS.match, lines) if match), None)
    if status is None:
        raise ReportRefused("empty")
    is_deaf = "HAL Ready: false" in lines  # whatever is printed then is no reading
    readings = [] if is_deaf else _readings(_block(lines, "Current temperatures from HAL:"))
    temperatures = {key: value for (kind, key, value) in readings if _is_temperature(kind, value)}
    plain = [reading for reading in readings if reading[0] not in _NOT_TEMPERATURES]
    thresholds = _thresholds(_block(lines, "Temperature static thresholds from HAL:"))
    return ThermalReport(
        status=int(status),
        override=_override(lines),
        hal_ready="HAL Ready: true" in lines,
        temperatures=temperatures,
        other={
            key: value
            for kind, key, value in readings
            if kind in _NOT_TEMPERATURES and math.isfinite(value)
        },
        absent=tuple(key for _, key, _ in plain if key not in temperatures),
        skin_c=_hottest(temperatures, _SKIN),
        cpu_max_c=_hottest(temperatures, _CPU),
        battery_c=_hottest(temperatures, _BATTERY),
        thresholds=thresholds,
        threshold_count=len(thresholds),
        cooling=_cooling(_block(lines, "Current cooling devices from HAL:")),
        fallback=None if temperatures else "sysfs",
    )


def _halves(key: str) -> tuple[int, str, str]:
    kind, slash, name = key.partition("/")
    return int(kind), slash, name


def _override(lines: Sequence[str]) -> bool | None:
    words = [line.partition(": ")[2] for line in lines if line.startswith("IsStatusOverride:")]
    return words[0] == "true" if words else None


def _block(lines: Sequence[str], header: str) -> list[str]:
    """Return the entries under a header, up to the first line that is no entry."""
    if header not in lines:
        return []
    entries = []
    for line in lines[lines.index(header) + 1 :]:
        if "{" not in line:
            break
        entries.append(line)
    return entries


def _readings(entries: Sequence[str]) -> list[tuple[int, str, float]]:
    readings = []
    for match in filter(None, map(_READING.match, entries)):
        value = _float(match[1])
        if value is not None:
            readings.append((int(match[2]), f"{int(match[2])}/{match[3]}", value))
    return readings


def _is_temperature(kind: int, value: float) -> bool:
    return kind not in _NOT_TEMPERATURES and value != 0.0 and -30 <= value <= 150


def _hottest(temperatures: dict[str, float], kind: int) -> float | None:
    mine = [value for key, value in temperatures.items() if key.startswith(f"{kind}/")]
    return max(mine, default=None)


def _thresholds(entries: Sequence[str]) -> dict[str, tuple[float | None, ...]]:
    found = {}
    for entry in entries:
        new, old = _THRESHOLD.search(entry), _OLD_THRESHOLD.search(entry)
        match = new or old
        if match is None:
            continue
        kind = int(match[1]) if new else _TYPE_NUMBERS.get(match[1], -1)
        values = [_threshold(word) for word in match[3].split(",")]
        padded = [*values, *[None] * _SEVERITIES][:_SEVERITIES]
        found[f"{kind}/{match[2]}"] = tuple(padded)
    return found


def _threshold(word: str) -> float | None:
    value = _float(word)
    return value if value is not None and math.isfinite(value) else None


def _cooling(entries: Sequence[str]) -> dict[str, int]:
    return {match[2]: int(match[1]) for match in filter(None, map(_COOLING.match, entries))}


def _float(word: str) -> float | None:
    """Return a number, NaN or an infinity; other words are None."""
    try:
        return float(word.strip())
    except ValueError:
        return None
