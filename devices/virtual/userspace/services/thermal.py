"""The thermal service: zones as Android's HAL names and judges them."""

import math
import re
from dataclasses import dataclass

from devices.virtual.kernel.quirks import ThermalDump
from devices.virtual.userspace.files import FileTree
from devices.virtual.userspace.services.battery import Supply, battery_folder
from devices.virtual.userspace.system import System

_ZONES = "/sys/class/thermal"
_CPU, _GPU, _BATTERY, _SKIN, _USB, _AMPLIFIER, _NPU = 0, 1, 2, 3, 4, 5, 9
_SEVERITIES = 7  # none, light, moderate, severe, critical, emergency, shutdown
_SHUTDOWN = 6
# The first pattern that fits a zone's type decides what the HAL calls it.
_TYPES: tuple[tuple[str, int], ...] = (
    (r"batt|^bms$|maxfg", _BATTERY),
    (r"skin|shell", _SKIN),
    (r"gpu|g3d", _GPU),
    (r"npu|tpu", _NPU),
    (r"charg|usb", _USB),
    (r"^pa|pa-therm|pa_", _AMPLIFIER),
    (r"cpu|cluster|big|little|mid|tsens|soc", _CPU),
)
_COOLS_CPU = 2
_VOLTS, _MILLIAMPERES, _PERCENT = 6, 7, 8  # of the battery: what the HAL's types 6 to 8 count in
_NO_LEVELS = (math.nan,) * _SEVERITIES
_OLD_NAMES = {
    _CPU: "CPU",
    _GPU: "GPU",
    _BATTERY: "BATTERY",
    _SKIN: "SKIN",
    _USB: "USB_PORT",
    _AMPLIFIER: "POWER_AMPLIFIER",
    _NPU: "NPU",
}
_LISTENERS = (
    "ThermalEventListeners:",
    "\tcallbacks: 1",
    "\tkilled: false",
    "\tbroadcasts count: -1",
    "ThermalStatusListeners:",
    "\tcallbacks: 1",
    "\tkilled: false",
    "\tbroadcasts count: -1",
)


@dataclass(frozen=True, slots=True)
class Reading:
    """One zone as the HAL reports it."""

    name: str
    kind: int
    celsius: float
    thresholds: tuple[float, ...]

    @property
    def status(self) -> int:
        """The highest severity whose threshold is reached."""
        reached = [level for level, limit in enumerate(self.thresholds) if self.celsius >= limit]
        return max(reached, default=0)


def thermal_report(system: System) -> str:
    """Return what `dumpsys thermalservice` prints, in this model's shape."""
    shape = system.quirks.thermal_dump
    readings = _readings(system) if shape.is_ready else []
    said = [*(_said(reading, shape) for reading in readings), *_odd_entries(system, shape)]
    if not system.services.cached_temperatures:
        system.services.cached_temperatures.extend(said)
    forced = system.services.forced_thermal_status
    status = max((r.status for r in readings if r.kind == _SKIN), default=0)
    override = [f"IsStatusOverride: {'false' if forced is None else 'true'}"]
    blocks = [
        *(override if shape.says_override else []),
        *_LISTENERS,
        f"Thermal Status: {status if forced is None else forced}",
        "Cached temperatures:",
        *(f"\t{text}" for text in system.services.cached_temperatures),
        f"HAL Ready: {str(shape.is_ready).lower()}",
        *(["HAL connection:", f"\t{shape.hal}"] if shape.hal else []),
        *(_live(system, readings, said, shape) if shape.is_ready else []),
    ]
    return "".join(f"{line}\n" for line in blocks).replace("\t", shape.indent)


def _live(
    system: System, readings: list[Reading], said: list[str], shape: ThermalDump
) -> list[str]:
    """Return what the HAL itself tells."""
    cooling = _cooling_devices(system.root_files) if shape.says_cooling else []
    spell = _old_threshold if shape.old_thresholds else _threshold
    return [
        "Current temperatures from HAL:",
        *(f"\t{text}" for text in said),
        "Current cooling devices from HAL:",
        *(f"\t{text}" for text in cooling),
        "Temperature static thresholds from HAL:",
        *(f"\t{spell(reading, shape)}" for reading in readings),
    ]


def _said(reading: Reading, shape: ThermalDump) -> str:
    return _entry(reading.celsius, reading.kind, reading.name, reading.status, shape)


def _entry(value: float, kind: int, name: str, status: int, shape: ThermalDump) -> str:
    text = f"{value:g}" if value % 1 else f"{value:.1f}"
    tail = f", mStatus={status}" if shape.says_status else ""
    return f"Temperature{{mValue={text}, mType={kind}, mName={name}{tail}}}"


def _odd_entries(system: System, shape: ThermalDump) -> list[str]:
    """Return entries that are no temperatures: of sensors not fitted, and of the battery."""
    ghosts = [ghost.partition("/") for ghost in shape.ghosts]
    entries = [_entry(0.0, int(kind), name, 0, shape) for kind, _, name in ghosts]
    if shape.battery_limits:
        gauge = Supply(system.root_files, battery_folder(system.root_files))
        for kind, name, value in (
            (_VOLTS, "vbat", gauge.millivolts() / 1000),
            (_MILLIAMPERES, "ibat", float(gauge.milliamperes())),
            (_PERCENT, "soc", float(gauge.number("capacity"))),
        ):
            entries.append(_entry(value, kind, name, 0, shape))
    return entries


def _readings(system: System) -> list[Reading]:
    readings = []
    for folder in _folders(system.root_files, "thermal_zone"):
        name = _text(system.root_files, f"{folder}/type")
        kind = _kind(system, name)
        raw = _text(system.root_files, f"{folder}/temp")
        if name in system.quirks.limiters or kind is None or not raw.lstrip("-").isdecimal():
            continue
        limits = system.hot_thresholds.get(name) or _limits(system.root_files, folder)
        readings.append(Reading(name, kind, _celsius(int(raw)), limits))
    return readings


def _kind(system: System, zone: str) -> int | None:
    """Return what the HAL takes a zone for: what the maker limits by is the skin."""
    if zone in system.hot_thresholds:
        return _SKIN
    return next((kind for words, kind in _TYPES if re.search(words, zone, re.I)), None)


def _celsius(raw: int) -> float:
    """Return °C from m°C, or from the 0.1 °C or whole °C that some zones give."""
    if abs(raw) >= 1000:
        return raw / 1000
    return raw / 10 if abs(raw) >= 150 else float(raw)


def _limits(files: FileTree, folder: str) -> tuple[float, ...]:
    """Return what the zone's trip points mean as thresholds: passive is severe."""
    limits = [math.nan] * _SEVERITIES
    levels = {"active": 1, "passive": 3, "hot": 4, "critical": _SHUTDOWN}
    number = 0
    while kind := _text(files, f"{folder}/trip_point_{number}_type"):
        level = levels.get(kind)
        raw = _text(files, f"{folder}/trip_point_{number}_temp")
        if level is not None and raw.lstrip("-").isdecimal() and math.isnan(limits[level]):
            limits[level] = int(raw) / 1000
        number += 1
    return tuple(limits)


def _threshold(reading: Reading, shape: ThermalDump) -> str:
    cold = f", mColdThrottlingThresholds=[{_levels(_NO_LEVELS)}]" if shape.says_cold else ""
    return (
        f"TemperatureThreshold{{mType={reading.kind}, mName={reading.name}, "
        f"mHotThrottlingThresholds=[{_levels(reading.thresholds)}]{cold}, "
        "mVrThrottlingThreshold=NaN}"
    )


def _old_threshold(reading: Reading, shape: ThermalDump) -> str:
    """Spell thresholds as the first HALs do."""
    cold = f", .coldThrottlingThresholds = [{_levels(_NO_LEVELS)}]" if shape.says_cold else ""
    return (
        f"{{.type = {_OLD_NAMES.get(reading.kind, 'UNKNOWN')}, .name = {reading.name}, "
        f".hotThrottlingThresholds = [{_levels(reading.thresholds)}]{cold}, "
        ".vrThrottlingThreshold = NaN}"
    )


def _levels(limits: tuple[float, ...]) -> str:
    return ", ".join("NaN" if math.isnan(limit) else f"{limit:.1f}" for limit in limits)


def _cooling_devices(files: FileTree) -> list[str]:
    found = []
    for folder in _folders(files, "cooling_device"):
        name, state = _text(files, f"{folder}/type"), _text(files, f"{folder}/cur_state")
        if name and state:
            found.append(f"CoolingDevice{{mValue={state}, mType={_COOLS_CPU}, mName={name}}}")
    return found


def _folders(files: FileTree, prefix: str) -> list[str]:
    try:
        names = [name for name in files.listdir(_ZONES) if name.startswith(prefix)]
    except OSError:
        return []
    names.sort(key=lambda name: int(name.removeprefix(prefix) or 0))
    return [f"{_ZONES}/{name}" for name in names]


def _text(files: FileTree, path: str) -> str:
    try:
        return files.read(path).decode().strip()
    except OSError:
        return ""
