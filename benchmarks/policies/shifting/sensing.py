"""What a shifting policy sees: the temperature of the CPU, and whether its clock is capped."""

import re
from collections.abc import Mapping, Sequence
from statistics import median

from benchmarks.objections import Lacking
from devices.errors import StableDeviceError
from devices.profile import DeviceProfile

#: How kernels call the sensors on or beside CPU cores; the catalog of phones shows the variety.
CPU_ZONES = r"(?i)^(cpu|cluster\d|cls\d|soc_thermal$|big$|mid$|little$|mtktscpu|tsens_tz_sensor)"
_CAP = ".frequency_cap"


class CpuTemperature:
    """The median of some thermal zones."""

    def __init__(self, profile: DeviceProfile, pattern: str) -> None:
        """Choose the zones whose type `pattern` finds.

        Raises:
            Lacking: if this phone has none; the message lists what it has.
        """
        known = sorted({zone.type for zone in profile.zones})
        found = [name for name in known if re.search(pattern, name)]
        if not found:
            raise Lacking(
                "policy.sensor",
                f"policy.sensor = {pattern!r} fits no thermal zone of {profile.serial}; "
                f"it has: {', '.join(known) or 'none'}",
            )
        self.channels = tuple(f"zone.{name.replace(' ', '_')}.temperature" for name in found)

    def read(self, newest: Mapping[str, float]) -> float | None:
        """Return it [°C]; None while no zone has a value."""
        values = [newest[channel] for channel in self.channels if channel in newest]
        return median(values) if values else None


class Caps:
    """Whether the kernel caps a CPU clock that it did not cap at the start."""

    def __init__(self) -> None:
        self._first: dict[str, float] = {}

    def is_capped(self, newest: Mapping[str, float]) -> bool:
        """Return whether any cap lies below the first one that was seen."""
        caps = {name: hertz for name, hertz in newest.items() if name.endswith(_CAP)}
        for name, hertz in caps.items():
            self._first.setdefault(name, hertz)
        return any(hertz < self._first[name] for name, hertz in caps.items())


def rungs_of(variants: Sequence[str], policy: str) -> tuple[str, ...]:
    """Return the variants of a task; a policy that shifts needs two.

    Raises:
        StableDeviceError: if there is only one.
    """
    if len(variants) < 2:
        raise StableDeviceError(
            f"policy = {policy!r} shifts between variants, and this load has only "
            f"{', '.join(variants)}; run it with the benchmark `shifting`"
        )
    return tuple(variants)
