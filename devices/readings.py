"""A glance at a phone: its hottest zone and battery in one shell command."""

from devices.phone import Phone
from devices.profile import DeviceProfile
from devices.sysfs.thermal import parse_zones

#: One loop prints name and value together: separate listings can lose lines and shift names.
_ZONES = (
    "for z in /sys/class/thermal/thermal_zone*; do "
    'echo "${z##*/}|$(cat $z/type)|$(cat $z/temp 2>&1)"; done'
)


def quick_readings(
    phone: Phone, profile: DeviceProfile | None, timeout_s: float
) -> dict[str, float | str]:
    """Return `hottest_c` [°C] and the zone it came from, if any zone can be read."""
    text = phone.run(["sh", "-c", _ZONES], timeout_s=timeout_s).stdout
    zones = [zone for zone in parse_zones(text).zones if zone.c is not None]
    if not zones:
        return {}
    hottest = max(zones, key=lambda zone: zone.c or 0.0)
    return {"hottest_c": round(hottest.c or 0.0, 1), "hottest_zone": hottest.type}
