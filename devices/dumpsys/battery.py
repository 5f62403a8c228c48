"""The battery as `dumpsys battery` tells it; `parse` is pure, `read` asks a phone."""

from collections.abc import Mapping
from dataclasses import dataclass

from devices.facts import NOTHING_KNOWN, Facts
from devices.phone import Phone
from devices.reports import ReportRefused, cleaned, integer, number

_HEADER = "Current Battery Service state:"
_FROZEN = "(UPDATES STOPPED"
_STATUSES = {1: "unknown", 2: "charging", 3: "discharging", 4: "not_charging", 5: "full"}
_PLUGS = ("ac", "usb", "wireless", "dock")
_FULL_MAH = (1500.0, 25000.0)  # full capacities that a phone or tablet can have
_KNOWN_FULL = (0.5, 1.2)  # of a known capacity: an old battery holds less [1]
_LEAST_LEVEL = 0.05  # below it a counter says too little about the full capacity
_VOLTS = (2.5, 9.5)  # of one cell or two


@dataclass(frozen=True, slots=True)
class BatteryReport:
    """One glance at the battery; what is not a reading is None."""

    level_pct: float | None
    status: str
    plugged: tuple[str, ...]
    temperature_c: float | None
    voltage_v: float | None
    charge_mah: float | None
    current_ma: float | None  # negative while discharging
    technology: str
    present: bool
    faked: bool  # frozen by a test command


def read(phone: Phone) -> BatteryReport | None:
    """Ask a phone; None when it has no such service."""
    try:
        return parse(phone.text_of(["dumpsys", "battery"]))
    except ReportRefused:
        return None


def parse(text: str, facts: Facts = NOTHING_KNOWN) -> BatteryReport:
    """Read the first block of the report; vendors append others that look like it."""
    fields, is_frozen = _fields(cleaned(text))
    present = fields.get("present") != "false"
    level = _level(fields) if present else None
    status = _STATUSES.get(integer(fields.get("status")) or 1, "unknown")
    return BatteryReport(
        level_pct=None if level is None else round(level * 100, 3),
        status=status,
        plugged=tuple(plug for plug in _PLUGS if _is_plugged(fields, plug)),
        temperature_c=_temperature_c(fields) if present else None,
        voltage_v=_voltage_v(number(fields.get("voltage"))) if present else None,
        charge_mah=_charge_mah(number(fields.get("Charge counter")), level, facts),
        current_ma=_current_ma(number(fields.get("current now")), status),
        technology=fields.get("technology", ""),
        present=present,
        faked=is_frozen,
    )


def _fields(lines: list[str]) -> tuple[dict[str, str], bool]:
    if _HEADER not in lines:
        raise ReportRefused("empty")
    fields: dict[str, str] = {}
    is_frozen = False
    for line in lines[lines.index(_HEADER) + 1 :]:
        is_field = line.startswith("  ") and not line.startswith("   ")
        key, colon, value = line.strip().partition(":")
        if line.startswith(("  Time when", "  The last")) or (not is_field and line[:1] == " "):
            continue
        if not is_field:
            break
        if key.startswith(_FROZEN):
            is_frozen = True
        elif colon:
            fields.setdefault(key, value.strip())
    return fields, is_frozen


def _is_plugged(fields: Mapping[str, str], plug: str) -> bool:
    name = plug.upper() if len(plug) <= 3 else plug.capitalize()
    return fields.get(f"{name} powered") == "true"


def _level(fields: Mapping[str, str]) -> float | None:
    level, scale = number(fields.get("level")), number(fields.get("scale") or "100")
    return None if level is None or not scale else level / scale


def _temperature_c(fields: Mapping[str, str]) -> float | None:
    raw = number(fields.get("temperature"))
    if raw is None:
        return None
    volts = number(fields.get("voltage")) or 0
    return raw if 1 <= volts <= 99 else raw / 10  # who counts in V counts in whole °C


def _voltage_v(raw: float | None) -> float | None:
    if raw is None:
        return None
    if raw >= 1e6:
        raw /= 1e6
    elif raw >= 1000:
        raw /= 1000
    return raw if _VOLTS[0] <= raw <= _VOLTS[1] else None


def _charge_mah(raw: float | None, level: float | None, facts: Facts) -> float | None:
    """Tell µAh from mAh by the full capacity that each would mean."""
    if raw is None or level is None or level < _LEAST_LEVEL:
        return None
    low, high = _FULL_MAH
    if facts.full_mah is not None:
        low, high = (share * facts.full_mah for share in _KNOWN_FULL)
    for value in (raw / 1000, raw):
        if low <= value / level <= high:
            return value
    return None


def _current_ma(raw: float | None, status: str) -> float | None:
    if raw is None:
        return None
    return -abs(raw) if status == "discharging" else raw
