"""What a phone is and can do, as `probe` found it; never guessed from a product name."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class DeviceKind(StrEnum):
    """What stands behind a serial; shown wherever its numbers are, never branched on."""

    PHONE = "phone"
    VIRTUAL = "virtual"
    HOST = "host"


class _Fact(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Cluster(_Fact):
    """Cores that share one clock."""

    name: str  # little, mid, big, prime: by rising top frequency
    policy: int  # the kernel's cpufreq policy number
    cpus: tuple[int, ...]
    frequencies_khz: tuple[int, ...]  # ascending
    max_khz: int
    cap_khz: int | None = None  # scaling_max_freq at probe time
    governor: str | None = None


class ThermalZone(_Fact):
    """One kernel temperature sensor, keyed by type because indexes move between boots."""

    index: int
    type: str
    unit: str | None = None  # what it counts in, as far as one look tells: mC, dC or C


class Gauge(_Fact):
    """The battery's gauge, as far as one look at it tells."""

    supply: str  # its name under power_supply
    current_unit: str | None = None  # uA or mA; None while no current flows
    current_sign: str | None = None  # abi: negative while discharging; flipped; suspect
    full_mah: float | None = None


class DeviceProfile(_Fact):
    """The facts of one phone at one time."""

    serial: str
    kind: DeviceKind
    manufacturer: str = ""
    model: str = ""
    product: str = ""
    soc: str = ""
    android: str = ""
    sdk: int | None = None
    abis: tuple[str, ...] = ()
    agent_abis: tuple[str, ...] = ()  # agent builds that this device can run, best first
    fingerprint: str = ""
    boot_id: str = ""
    speed: float = 1.0  # device seconds per host second
    memory_kb: int | None = None
    clusters: tuple[Cluster, ...] = ()
    zones: tuple[ThermalZone, ...] = ()
    skin_zones: tuple[str, ...] = ()  # types of the zones that Android takes for the skin
    gauge: Gauge | None = None
    rails: tuple[str, ...] = ()  # what power can be measured at
    is_rooted: bool = False
    root: str = ""  # how su answered: root, restricted, not_root, no_su, denied …
    quirks: tuple[str, ...] = ()  # words for what a naive reader would stumble over here
    capabilities: dict[str, bool] = Field(default_factory=dict)
    degrades: tuple[str, ...] = ()  # sentences: what will not work here, and why

    @property
    def cpu_count(self) -> int:
        """How many cores the clusters list."""
        return sum(len(cluster.cpus) for cluster in self.clusters)
