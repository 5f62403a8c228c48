"""The battery's gauge as the kernel shows it; `parse` is pure, `read` asks a phone."""

from collections.abc import Mapping
from dataclasses import dataclass

from devices.facts import NOTHING_KNOWN, Facts
from devices.phone import Phone
from devices.reports import ReportRefused, cleaned, integer
from devices.sysfs.sections import sweep

_PREFIX = "POWER_SUPPLY_"
_ERRNOS = frozenset((-22, -61, -19, -95, -5))  # leak as readings
_SURE_UA = 20_000  # no phone draws 20 A, none lives on 20 µA
_LEAST_FULL_UAH = 100_000


@dataclass(frozen=True, slots=True)
class SupplyReport:
    """One glance at the gauge; what is not a reading is None."""

    supply: str
    status: str
    capacity_pct: int | None
    voltage_v: float | None
    current_ma: float | None  # negative while discharging
    current_unit: str | None  # what the text counted in: uA, mA or ambiguous
    current_sign: str | None  # abi, flipped or suspect
    temperature_c: float | None
    power_w: float | None  # only while discharging: on a cable it is not the phone's
    charge_full_mah: float | None
    cycle_count: int | None


def read(phone: Phone) -> SupplyReport | None:
    """Ask a phone; None when it shows no battery."""
    try:
        return parse(sweep(phone, ("/sys/class/power_supply/*/uevent",)))
    except ReportRefused:
        return None


def parse(text: str, facts: Facts = NOTHING_KNOWN) -> SupplyReport:
    """Read one uevent or several; the block of the battery counts."""
    block = _battery_block(text)
    status = block.get("STATUS", "unknown").lower().replace(" ", "_")
    volts = _voltage_v(_value(block, "VOLTAGE_NOW"))
    current_ma, unit = _current_ma(_value(block, "CURRENT_NOW"), status, facts)
    sign = _sign(current_ma, status) if current_ma is not None else None
    if sign == "flipped" and current_ma is not None:
        current_ma = -current_ma
    has_power = status == "discharging" and volts is not None and current_ma is not None
    return SupplyReport(
        supply=block.get("NAME", ""),
        status=status,
        capacity_pct=_value(block, "CAPACITY"),
        voltage_v=volts,
        current_ma=current_ma,
        current_unit=unit,
        current_sign=sign,
        temperature_c=_temperature_c(_value(block, "TEMP")),
        power_w=(volts or 0.0) * abs(current_ma or 0.0) / 1e3 if has_power else None,
        charge_full_mah=_charge_mah(_value(block, "CHARGE_FULL")),
        cycle_count=_value(block, "CYCLE_COUNT"),
    )


def _battery_block(text: str) -> dict[str, str]:
    lines = cleaned(text)
    blocks = _blocks(lines)
    named = [block for block in blocks if block.get("NAME", "").lower() == "battery"]
    typed = [block for block in blocks if block.get("TYPE", "").lower() == "battery"]
    if not named and not typed:
        is_sweep = any(line.startswith("== ") for line in lines)  # of files that cannot be read
        raise ReportRefused("no_battery" if blocks or is_sweep else "empty")
    return (named or typed)[0]


def _blocks(lines: list[str]) -> list[dict[str, str]]:
    """Cut at each name, and at each header of a sweep."""
    blocks: list[dict[str, str]] = [{}]
    for line in lines:
        key, equals, value = line.partition("=")
        if line.startswith("== ") or (key == f"{_PREFIX}NAME" and "NAME" in blocks[-1]):
            blocks.append({})
        if equals and key.startswith(_PREFIX):
            blocks[-1][key.removeprefix(_PREFIX)] = value.strip()
    return [block for block in blocks if block]


def _value(block: Mapping[str, str], key: str) -> int | None:
    value = integer(block.get(key))
    return None if value in _ERRNOS else value


def _voltage_v(raw: int | None) -> float | None:
    if raw is None:
        return None
    return raw / 1e6 if raw >= 1_000_000 else raw / 1e3


def _temperature_c(raw: int | None) -> float | None:
    if raw is None:
        return None
    return raw / 1000 if abs(raw) >= 1000 else raw / 10


def _charge_mah(raw: int | None) -> float | None:
    if raw is None:
        return None
    return raw / 1000 if raw >= _LEAST_FULL_UAH else float(raw)


def _current_ma(raw: int | None, status: str, facts: Facts) -> tuple[float | None, str | None]:
    """Tell µA from mA; a small number can be either unless the battery is in use."""
    if raw is None:
        return None, None
    if facts.current_unit is not None:
        return raw / (1000 if facts.current_unit == "uA" else 1), facts.current_unit
    if abs(raw) > _SURE_UA or raw == 0:
        return raw / 1000, "uA"
    if status in ("charging", "discharging"):
        return float(raw), "mA"
    return None, "ambiguous"


def _sign(current_ma: float, status: str) -> str:
    if status == "discharging" and current_ma > 0:
        return "flipped"
    if status == "charging" and current_ma < 0:
        return "suspect"
    return "abi"
