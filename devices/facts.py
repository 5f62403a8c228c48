"""What is known about a phone before its text is read; it settles what a text leaves open."""

import json
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from devices.errors import StableDeviceError


class _Known(BaseModel):
    """Part of what `python -m devices probe --json` prints; the rest of it is no matter here."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class KnownCluster(_Known):
    """Cores that the phone has, online or not."""

    cpus: tuple[int, ...] = ()


class KnownZone(_Known):
    """What a zone counts in."""

    type: str
    unit: Literal["mC", "dC", "C"] | None = None


class KnownGauge(_Known):
    """What the battery's gauge counts in."""

    current_unit: Literal["uA", "mA"] | None = None
    full_mah: float | None = None


class Facts(_Known):
    """What is known of one phone; nothing by default."""

    clusters: tuple[KnownCluster, ...] = ()
    zones: tuple[KnownZone, ...] = ()
    gauge: KnownGauge | None = None

    @property
    def cpus(self) -> tuple[int, ...]:
        """The cores of all clusters."""
        return tuple(sorted(cpu for cluster in self.clusters for cpu in cluster.cpus))

    @property
    def zone_units(self) -> dict[str, str]:
        """The unit of each zone type that is known to count in one."""
        return {zone.type: zone.unit for zone in self.zones if zone.unit}

    @property
    def current_unit(self) -> Literal["uA", "mA"] | None:
        """What the battery's current is counted in."""
        return self.gauge.current_unit if self.gauge else None

    @property
    def full_mah(self) -> float | None:
        """What the full battery holds [mAh]."""
        return self.gauge.full_mah if self.gauge else None


NOTHING_KNOWN = Facts()


def load(path: Path) -> Facts:
    """Read a file that holds what `probe --json` printed, or a part of it.

    Raises:
        StableDeviceError: if it cannot be read, or says something that cannot be.
    """
    try:
        data = json.loads(path.read_bytes())
        return Facts.model_validate(data) if isinstance(data, dict) else NOTHING_KNOWN
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise StableDeviceError(
            f"{path}: {place}: {first['msg']}, not {first['input']!r}"
        ) from None
    except (OSError, ValueError) as error:
        raise StableDeviceError(f"{path} holds no facts of a phone: {error}") from None
