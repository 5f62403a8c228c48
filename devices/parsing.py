"""All parsers by the kind of text that they read: one table, one form of answer."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from devices import cpuinfo, properties, root, settings
from devices.adb import listing, reversing
from devices.dumpsys import battery, thermalservice
from devices.facts import NOTHING_KNOWN, Facts
from devices.reports import ReportRefused
from devices.sysfs import cpufreq, devfreq, power_supply, thermal

#: Parsers that know nothing of the phone, and those for which a fact settles a doubt.
_ALONE: Mapping[str, Callable[[str], Any]] = {
    "adb_devices": listing.parse,
    "adb_reverse": reversing.parse,
    "cpufreq": cpufreq.parse,
    "devfreq": devfreq.parse,
    "dumpsys_thermalservice": thermalservice.parse,
    "getprop": properties.parse,
    "settings_selinux": settings.parse,
    "su": root.parse,
}
_WITH_FACTS: Mapping[str, Callable[[str, Facts], Any]] = {
    "cpuinfo": cpuinfo.parse,
    "dumpsys_battery": battery.parse,
    "power_supply": power_supply.parse,
    "thermal_zones": thermal.parse_zones,
}
KINDS = tuple(sorted((*_ALONE, *_WITH_FACTS)))


def parsed(kind: str, text: str, facts: Facts = NOTHING_KNOWN) -> dict[str, Any]:
    """Return one report as JSON data: its fields, or the word of its refusal."""
    try:
        report = _ALONE[kind](text) if kind in _ALONE else _WITH_FACTS[kind](text, facts)
    except ReportRefused as refusal:
        return {"ok": False, "error": refusal.word, **refusal.details}
    return {"ok": True, **asdict(report)}
