"""A glance at a phone: the hottest of its zones."""

from devices.phone import Phone
from devices.sysfs.thermal import read_zones


def quick_readings(phone: Phone) -> dict[str, float | str]:
    """Return `hottest_c` [°C] and the zone it came from, or nothing if no zone has a value."""
    warm = [(zone.c, zone.type) for zone in read_zones(phone).zones if zone.c is not None]
    if not warm:
        return {}
    hottest, zone = max(warm)
    return {"hottest_c": round(hottest, 1), "hottest_zone": zone}
