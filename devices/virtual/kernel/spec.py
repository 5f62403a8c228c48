"""The facts of one phone model as its catalog file states them; every block names its source."""

from typing import Literal

from pydantic import model_validator

from devices.virtual.kernel.blocks import (
    ChargeSwitch,
    Display,
    Gpu,
    Idle,
    MemoryLevels,
    Radio,
    rising,
)
from devices.virtual.kernel.fact import Fact, Sourced
from devices.virtual.kernel.fitting import misfits
from devices.virtual.kernel.quirks import Quirks
from devices.virtual.physics.thermal import NODES


class Identity(Sourced):
    """What the phone calls itself."""

    manufacturer: str
    brand: str
    model: str
    device: str
    product: str
    market_name: str
    android: str
    sdk: int
    soc: str
    board: str
    hardware: str
    fingerprint: str
    abilist: tuple[str, ...]


class Memory(Sourced):
    """RAM: size, speed, energy."""

    total_kb: int
    free_kb: int  # MemAvailable of the idle phone [kB]
    gb_per_s: float  # at which CPU inference streams weights, at the top level [GB/s]
    nj_per_byte: float  # DRAM and interconnect [nJ/B]
    levels: MemoryLevels | None = None  # None: DRAM always runs at its top clock

    @model_validator(mode="after")
    def _top_level_is_the_rate(self) -> "Memory":
        if self.levels and self.levels.rows[-1][1] != self.gb_per_s:
            top = self.levels.rows[-1][1]
            raise ValueError(f"the top level offers {top:g} GB/s, gb_per_s says {self.gb_per_s:g}")
        return self


class ClusterSpec(Sourced):
    """Cores that share one clock."""

    name: str  # little, mid, big, prime
    core: str
    part: str  # implementer/part as /proc/cpuinfo shows it: 0x41/0xd05
    cpus: tuple[int, ...]
    capacity: int  # of one core at its top clock; the strongest core of the chip has 1024
    macs_per_cycle: float  # of one core in 1 × 1 convolutions; see Reference.latency_s
    opps: tuple[tuple[int, int, float] | tuple[int, int], ...]  # kHz, µV and, if measured, mW
    dpc: float | None = None  # C in µW/MHz/V², for a table without mW
    dpc_scale: float = 0.88
    awake_mw: float  # floor of an awake cluster, contained in a measured mW [mW]
    leak_mw: float  # at 40 °C and the top operating point [mW]
    governor: str = "schedutil"
    hidden_khz: tuple[int, ...] = ()  # in the silicon's table, withheld by this model
    idle: Idle | None = None  # None: a sleeping core leaks as much as a waking one

    @property
    def policy(self) -> int:
        """The kernel's number of the cpufreq policy."""
        return self.cpus[0]

    @model_validator(mode="after")
    def _has_power(self) -> "ClusterSpec":
        if self.dpc is None and any(len(opp) == 2 for opp in self.opps):
            raise ValueError(f"cluster {self.name}: an operating point without mW needs dpc")
        rising("opps", self.opps)
        return self


class BatterySpec(Sourced):
    """The battery and its gauge."""

    capacity_mah: int
    resistance_ohm: float
    level: int = 80  # at boot [%]
    limit: int = 80  # charging is suspended from here on, as farms do [%]
    charge_w: float  # what the charger puts into an empty battery [W]
    charger_loss: float = 0.05  # share of the wall power that heats the board [1]
    current_unit: Literal["uA", "mA"] = "uA"
    current_sign: Literal[-1, 1] = -1  # sign of the reading while discharging
    voltage_unit: Literal["uV", "mV"] = "uV"
    gauge_ms: int = 1000  # its readings change so often; 0.1 to 30 s are seen [ms]
    current_noise_ma: float = 4.0  # standard deviation of a reading that is not 0 (estimated)
    switch: ChargeSwitch | None = None  # None: nothing in sysfs stops the charging
    voltage_noise_mv: float = 1.5  # as the residuals of logged phones: 1 to 2 mV


class Base(Sourced):
    """Power that flows whatever the CPU does."""

    soc_w: float
    board_w: float
    display_w: float
    idle_load: float = 0.06  # background work of Android, in little cores at full clock [cores]


class Heat(Sourced):
    """Parameters of the one network that all phones share."""

    capacity_j_k: dict[str, float]
    resistance_k_w: dict[str, float]

    @model_validator(mode="after")
    def _names_nodes(self) -> "Heat":
        if set(self.capacity_j_k) != set(NODES):
            raise ValueError(f"capacity_j_k must name {', '.join(NODES)}")
        return self


class Trip(Fact):
    """A trip point of a zone and the clusters that it cools."""

    celsius: float
    hysteresis: float = 0.0
    type: Literal["passive", "active", "hot", "critical"] = "passive"
    cools: tuple[str, ...] = ()  # cluster names


class Zone(Sourced):
    """A thermal zone: where it sits, how it reads, what it trips."""

    type: str
    node: dict[str, float]  # weights of the network's nodes [1]
    offset_c: float = 0.0
    hot_part: str | None = None  # a cluster beside whose cores the sensor sits
    hot_k_w: float = 0.0  # rise over `node` per watt of `hot_part`, within milliseconds [K/W]
    step_c: float = 0.1  # resolution [°C]
    noise_c: float = 0.0  # standard deviation of one reading [°C]
    refresh_ms: int = 100
    unit: Literal["mC", "dC", "C"] = "mC"
    absent: int | None = None  # the sensor is not fitted and always reads this
    trips: tuple[Trip, ...] = ()
    passive_ms: int = 250
    governor: Literal["step_wise", "power_allocator"] = "step_wise"
    sustainable_mw: float | None = None  # of power_allocator; None: the kernel's own estimate


class Cooling(Sourced):
    """A cooling device: caps one cluster by whole operating points."""

    type: str
    cluster: str
    weight: int = 1024  # its share of a power_allocator's budget, relative to the others


class CapRule(Fact):
    """While a zone is hot, clusters and `gpu` stay at or below a clock; on and off apart."""

    on_c: float
    off_c: float
    caps_khz: dict[str, int]


class StepRule(Fact):
    """While a zone is hot, a cluster loses one operating point per poll, down to a floor."""

    on_c: float
    off_c: float
    cluster: str
    floor_khz: int


class PidRule(Fact):
    """A power budget split over clusters, as in the Pixel thermal HAL."""

    thresholds_c: tuple[float, ...]  # where severity 0..6 starts; nan = never
    hysteresis_k: tuple[float, ...]
    k_po: float  # [mW/K]
    k_pu: float
    k_i: float
    i_max: float  # [mW]
    i_cutoff_k: float
    target: int  # severity whose threshold is the set point
    sustained_mw: float
    min_mw: float
    max_mw: float
    state_mw: dict[str, tuple[int, ...]]  # cluster power at each state, state 0 = fastest
    ceilings: dict[str, tuple[int, ...]]  # deepest state the PID may ask for, per severity
    limits: dict[str, tuple[int, ...]]  # state forced at a severity


class Vendor(Sourced):
    """The vendor's thermal service: rules on one zone, applied in user space."""

    zone: str
    poll_ms: int
    rules: tuple[CapRule, ...] = ()
    steps: tuple[StepRule, ...] = ()
    pid: PidRule | None = None
    pid_with_gpu: PidRule | None = None  # a second budget, which the GPU shares
    #: So long it lets foreign governors and limits of clocks stand [s]; None: for ever.
    puts_back_after_s: float | None = None


class Reference(Sourced):
    """How fast and how hot inference code runs on this phone."""

    cpus: tuple[int, ...] = ()
    #: The one latency in a phone file: ResNet50 on a cool phone at top clocks, a thread on each of
    #: `cpus`. It scales `macs_per_cycle` of all clusters; without it they are absolute.
    latency_s: float | None = None
    kernels: Literal["single", "half"] = "half"  # the arithmetic of the cores or of the runtime
    effort: float = 1.3  # power of inference code relative to CoreMark [1]
    jitter: float = 0.012  # standard deviation of one latency, relative [1]


class PhoneSpec(Fact):
    """One phone model."""

    name: str
    identity: Identity
    memory: Memory
    clusters: tuple[ClusterSpec, ...]
    gpu: Gpu | None = None
    display: Display | None = None
    radio: Radio | None = None
    battery: BatterySpec
    base: Base
    heat: Heat
    zones: tuple[Zone, ...]
    cooling: tuple[Cooling, ...]
    vendor: Vendor | None = None
    reference: Reference
    quirks: Quirks = Quirks()
    notes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _fits_together(self) -> "PhoneSpec":
        if found := list(misfits(self)):
            raise ValueError("; ".join(found))
        return self

    @property
    def memory_kb(self) -> int:
        """Total RAM [kB]."""
        return self.memory.total_kb

    @property
    def cpu_count(self) -> int:
        """How many cores the phone has."""
        return sum(len(cluster.cpus) for cluster in self.clusters)
