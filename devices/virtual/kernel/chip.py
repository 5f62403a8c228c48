"""The chip of one phone: policies, power tables and speed, built from its file."""

from typing import TYPE_CHECKING

from devices.virtual.kernel.clock import Clock
from devices.virtual.kernel.cpufreq import Policy
from devices.virtual.kernel.cpuidle import CpuIdle
from devices.virtual.kernel.cpulist import cpu_list
from devices.virtual.kernel.dram import Dram
from devices.virtual.kernel.gpu import Gpu
from devices.virtual.kernel.reference import RESNET50
from devices.virtual.kernel.spec import ClusterSpec, PhoneSpec
from devices.virtual.physics.cpu import Core, demand_of, latency_s
from devices.virtual.physics.kernels import FAMILIES
from devices.virtual.physics.noise import normal, seed_of
from devices.virtual.physics.power import ClusterPower, dynamic_w, leakage_by_voltage

if TYPE_CHECKING:
    from devices.virtual.kernel.load import Usage

UNIT_SPREAD = 0.04  # standard deviation of power between units of one model [1] (estimated)
_SLOWEST, _FASTEST = 1e-3, 1e3  # where the scale to a reference latency is searched [1]
UNIT_LIMIT = 2.0  # units further off were sorted out by the maker [standard deviations]


class Chip:
    """Clusters in the order of the phone file: little first.

    The seed draws how much power this unit needs; seed 0 is a unit of average power.
    """

    def __init__(self, spec: PhoneSpec, seed: int) -> None:
        draw = normal(seed_of(seed, "unit"), 0) if seed else 0.0
        factor = 1.0 + UNIT_SPREAD * min(max(draw, -UNIT_LIMIT), UNIT_LIMIT)
        self.names = tuple(cluster.name for cluster in spec.clusters)
        self.policies = tuple(_policy(cluster) for cluster in spec.clusters)
        self.power = tuple(_power(cluster, factor) for cluster in spec.clusters)
        self.awake_w = tuple(power.awake_w for power in self.power)
        self.idle = CpuIdle(spec.clusters)
        self.dram = Dram(spec.memory)
        self.gpu = Gpu(spec.gpu) if spec.gpu else None
        domains = (self.dram.domain, self.gpu.domain if self.gpu else None)
        self.domains = tuple(domain for domain in domains if domain)  # memory, then GPU
        self.clocks: tuple[Clock, ...] = (*self.policies, *self.domains)
        self.capacities = tuple(cluster.capacity / 1024 for cluster in spec.clusters)
        self.kernels = FAMILIES[spec.reference.kernels]
        self.macs_per_cycle = _macs_per_cycle(spec)
        self.effort = spec.reference.effort
        self.joule_per_byte = spec.memory.nj_per_byte * 1e-9
        self.cpu_count = spec.cpu_count
        self.offline: frozenset[int] = frozenset()  # CPUs that have been unplugged
        self.cluster_of = {
            cpu: i for i, cluster in enumerate(spec.clusters) for cpu in cluster.cpus
        }
        self.by_strength = tuple(
            cpu
            for cluster in sorted(spec.clusters, key=lambda c: -c.capacity)
            for cpu in reversed(cluster.cpus)
        )

    def decide(self, now_ns: int) -> None:
        """Choose every clock for the next interval."""
        for policy in self.policies:
            policy.decide(now_ns)
        if self.dram.domain:
            self.dram.follow(self.policies, self.capacities)
            self.dram.domain.decide(now_ns)
        if self.gpu:
            self.gpu.domain.decide(now_ns)

    def observe(self, usage: "Usage", weight: float) -> None:
        """Let every governor know what the last interval was like; `weight` is that of the new."""
        for policy in self.policies:
            policy.observe([usage.busy[cpu] for cpu in policy.cpus], weight)
        self.dram.observe(usage.bytes_per_s)
        if self.gpu:
            self.gpu.observe(usage.gpu)

    def rate(self, cpu: int) -> float:
        """Return the speed of an undisturbed CPU at its present clock [1 × 1 MAC/s]."""
        cluster = self.cluster_of[cpu]
        policy = self.policies[cluster]
        return policy.khz[policy.point] * 1e3 * self.macs_per_cycle[cluster]

    def hz(self, cpu: int) -> float:
        """Return the present clock of a CPU [1/s]."""
        policy = self.policies[self.cluster_of[cpu]]
        return policy.khz[policy.point] * 1e3

    @property
    def bytes_per_s(self) -> float:
        """What the memory sustains at its present level [B/s]."""
        return self.dram.bytes_per_s[self.dram.point]

    @property
    def online(self) -> tuple[int, ...]:
        """The CPUs that are plugged."""
        return tuple(cpu for cpu in range(self.cpu_count) if cpu not in self.offline)

    def check_mask(self, mask: int) -> None:
        """Raise ValueError if no CPU of this chip that is online is in a mask other than 0."""
        if mask and not mask & ((1 << self.cpu_count) - 1):
            raise ValueError(f"mask {mask:x} names none of {self.cpu_count} CPUs")
        if mask and not any(mask >> cpu & 1 for cpu in self.online):
            named = cpu_list(cpu for cpu in self.offline if mask >> cpu & 1)
            raise ValueError(f"mask {mask:x} names offline CPUs only ({named}); plug one of them")


def _shown(cluster: ClusterSpec) -> list[tuple[int, int, float | None]]:
    rows = [(opp[0], opp[1], opp[2] if len(opp) == 3 else None) for opp in cluster.opps]
    return [row for row in rows if row[0] not in cluster.hidden_khz]


def _policy(cluster: ClusterSpec) -> Policy:
    khz = tuple(row[0] for row in _shown(cluster))
    return Policy(cluster.cpus, khz, cluster.governor)


def _power(cluster: ClusterSpec, factor: float) -> ClusterPower:
    rows = _shown(cluster)
    awake_w = cluster.awake_mw / 1e3
    core_w = [
        max(mw / 1e3 - awake_w, 0.0)
        if mw is not None
        else dynamic_w(cluster.dpc or 0.0, cluster.dpc_scale, khz, uv)
        for khz, uv, mw in rows
    ]
    leak_w = leakage_by_voltage(cluster.leak_mw / 1e3, [uv for _, uv, _ in rows])
    return ClusterPower(tuple(w * factor for w in core_w), leak_w, awake_w)


def _macs_per_cycle(spec: PhoneSpec) -> tuple[float, ...]:
    """Return the speed of one core per cluster, scaled until the reference latency comes out."""
    stated = tuple(cluster.macs_per_cycle for cluster in spec.clusters)
    wanted_s = spec.reference.latency_s
    if wanted_s is None:
        return stated
    demand = demand_of(RESNET50, FAMILIES[spec.reference.kernels])
    cores = [
        (cpu, _shown(cluster)[-1][0] * 1e3, cluster.macs_per_cycle)
        for cluster in spec.clusters
        for cpu in cluster.cpus
        if cpu in spec.reference.cpus
    ]

    def resnet50_s(scale: float) -> float:
        threads = [Core(cpu, hz, hz * macs * scale) for cpu, hz, macs in cores]
        return latency_s(demand, threads, spec.memory.gb_per_s * 1e9)

    floor_s = resnet50_s(_FASTEST)
    if floor_s > wanted_s:
        raise ValueError(f"{spec.name}: {wanted_s} s is less than the memory time, {floor_s:.4f} s")
    slow, fast = _SLOWEST, _FASTEST
    while fast / slow > 1.0 + 1e-9:
        middle = (slow * fast) ** 0.5
        slow, fast = (slow, middle) if resnet50_s(middle) < wanted_s else (middle, fast)
    return tuple(slow * macs for macs in stated)
