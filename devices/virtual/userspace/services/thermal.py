"""The thermal service: zones as Android's HAL names and judges them."""

import math
import re
from dataclasses import dataclass

from devices.virtual.userspace.files import FileTree
from devices.virtual.userspace.system import System

_ZONES = "/sys/class/thermal"
_CPU, _GPU, _BATTERY, _SKIN, _USB, _AMPLIFIER, _NPU = 0, 1, 2, 3, 4, 5, 9
_SEVERITIES = 7  # none, light, moderate, severe, critical, emergency, shutdown
_SHUTDOWN = 6
# The first pattern that fits a zone's type decides what the HAL calls it.
_TYPES: tuple[tuple[str, int], ...] = (
    (r"batt|^bms$|maxfg", _BATTERY),
    (r"skin|shell|quiet|back|frame|system_h", _SKIN),
    (r"gpu|g3d", _GPU),
    (r"npu|tpu", _NPU),
    (r"charg|usb", _USB),
    (r"^pa|pa-therm|pa_", _AMPLIFIER),
    (r"cpu|cluster|big|little|mid|tsens|soc", _CPU),
)
_COOLS_CPU = 2


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

    def __str__(self) -> str:
        value = f"{self.celsius:g}" if self.celsius % 1 else f"{self.celsius:.1f}"
        return (
            f"Temperature{{mValue={value}, mType={self.kind}, mName={self.name}, "
            f"mStatus={self.status}}}"
        )


def thermal_report(system: System) -> str:
    """Return what `dumpsys thermalservice` prints."""
    readings = _readings(system)
    if not system.services.cached_temperatures:
        system.services.cached_temperatures.extend(str(reading) for reading in readings)
    forced = system.services.forced_thermal_status
    status = max((r.status for r in readings if r.kind == _SKIN), default=0)
    lines = [
        f"IsStatusOverride: {'false' if forced is None else 'true'}",
        "ThermalEventListeners:",
        "\tcallbacks: 1",
        "\tkilled: false",
        "\tbroadcasts count: -1",
        "ThermalStatusListeners:",
        "\tcallbacks: 1",
        "\tkilled: false",
        "\tbroadcasts count: -1",
        f"Thermal Status: {status if forced is None else forced}",
        "Cached temperatures:",
        *(f"\t{text}" for text in system.services.cached_temperatures),
        "HAL Ready: true",
        "HAL connection:",
        "\tThermalHAL 2.0 connected: yes",
        "Current temperatures from HAL:",
        *(f"\t{reading}" for reading in readings),
        "Current cooling devices from HAL:",
        *(f"\t{text}" for text in _cooling_devices(system.root_files)),
        "Temperature static thresholds from HAL:",
        *(f"\t{_threshold(reading)}" for reading in readings),
    ]
    return "".join(f"{line}\n" for line in lines)


def _readings(system: System) -> list[Reading]:
    readings = []
    for folder in _folders(system.root_files, "thermal_zone"):
        name = _text(system.root_files, f"{folder}/type")
        kind = next((kind for words, kind in _TYPES if re.search(words, name, re.I)), None)
        raw = _text(system.root_files, f"{folder}/temp")
        if kind is None or not raw.lstrip("-").isdecimal():
            continue
        limits = system.hot_thresholds.get(name) or _limits(system.root_files, folder)
        readings.append(Reading(name, kind, _celsius(int(raw)), limits))
    return readings


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


def _threshold(reading: Reading) -> str:
    hot = ", ".join("NaN" if math.isnan(limit) else f"{limit:.1f}" for limit in reading.thresholds)
    cold = ", ".join(["NaN"] * _SEVERITIES)
    return (
        f"TemperatureThreshold{{mType={reading.kind}, mName={reading.name}, "
        f"mHotThrottlingThresholds=[{hot}], mColdThrottlingThresholds=[{cold}], "
        "mVrThrottlingThreshold=NaN}"
    )


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
