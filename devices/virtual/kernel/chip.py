"""The chip of one phone: policies, power tables and speed, built from its file."""

from dataclasses import replace
from typing import TYPE_CHECKING

from devices.virtual.kernel.clock import Clock
from devices.virtual.kernel.cpufreq import Policy
from devices.virtual.kernel.dram import Dram
from devices.virtual.kernel.gpu import Gpu
from devices.virtual.kernel.reference import RESNET50
from devices.virtual.kernel.spec import ClusterSpec, PhoneSpec
from devices.virtual.physics.cpu import Speed, demand_of, latency_s
from devices.virtual.physics.noise import normal, seed_of
from devices.virtual.physics.power import ClusterPower, dynamic_w, leakage_by_voltage

if TYPE_CHECKING:
    from devices.virtual.kernel.load import Usage

UNIT_SPREAD = 0.04  # standard deviation of power between units of one model [1] (estimated)
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
        self.speed = _speed(spec)
        self.dram = Dram(spec.memory)
        self.gpu = Gpu(spec.gpu) if spec.gpu else None
        domains = (self.dram.domain, self.gpu.domain if self.gpu else None)
        self.domains = tuple(domain for domain in domains if domain)  # memory, then GPU
        self.clocks: tuple[Clock, ...] = (*self.policies, *self.domains)
        self.speeds = tuple(  # per level of the memory
            replace(self.speed, bytes_per_s=rate) for rate in self.dram.bytes_per_s
        )
        self.capacities = tuple(cluster.capacity / 1024 for cluster in spec.clusters)
        self.effort = spec.reference.effort
        self.joule_per_byte = spec.memory.nj_per_byte * 1e-9
        self.cpu_count = spec.cpu_count
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
        """Return what an undisturbed CPU computes at its present clock [MAC/s]."""
        cluster = self.cluster_of[cpu]
        policy = self.policies[cluster]
        return policy.khz[policy.point] * 1e3 * self.speed.macs_per_cycle[cluster]

    def check_mask(self, mask: int) -> None:
        """Raise ValueError if no CPU of this chip is in a mask other than 0."""
        if mask and not mask & ((1 << self.cpu_count) - 1):
            raise ValueError(f"mask {mask:x} names none of {self.cpu_count} CPUs")


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


def _speed(spec: PhoneSpec) -> Speed:
    """Scale all cores alike until the one reference latency comes out."""
    reference, bytes_per_s = spec.reference, spec.memory.gb_per_s * 1e9
    demand = demand_of(RESNET50)
    unscaled = Speed(
        tuple(cluster.macs_per_cycle for cluster in spec.clusters), reference.serial, bytes_per_s
    )
    rates = [
        _shown(cluster)[-1][0] * 1e3 * cluster.macs_per_cycle
        for cluster in spec.clusters
        for cpu in cluster.cpus
        if cpu in reference.cpus
    ]
    memory_s = demand.bytes / bytes_per_s
    compute_s = latency_s(demand, rates, unscaled) - memory_s
    if reference.latency_s <= memory_s:
        raise ValueError(f"{spec.name}: {reference.latency_s} s is less than the memory time")
    factor = compute_s / (reference.latency_s - memory_s)
    return Speed(
        tuple(factor * rate for rate in unscaled.macs_per_cycle), reference.serial, bytes_per_s
    )
