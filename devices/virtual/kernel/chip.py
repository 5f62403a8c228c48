"""The chip of one phone: policies, power tables and speed, built from its file."""

from devices.virtual.kernel.cpufreq import Policy
from devices.virtual.kernel.reference import RESNET50
from devices.virtual.kernel.spec import ClusterSpec, PhoneSpec
from devices.virtual.physics.cpu import Speed, demand_of, macs_per_cycle
from devices.virtual.physics.noise import normal, seed_of
from devices.virtual.physics.power import ClusterPower, dynamic_w, leakage_by_voltage

UNIT_SPREAD = 0.04  # standard deviation of power between units of one model [1] (estimated)


class Chip:
    """Clusters in the order of the phone file: little first."""

    def __init__(self, spec: PhoneSpec, seed: int) -> None:
        factor = 1.0 + UNIT_SPREAD * normal(seed_of(seed, "unit"), 0) if seed else 1.0
        self.names = tuple(cluster.name for cluster in spec.clusters)
        self.policies = tuple(_policy(cluster) for cluster in spec.clusters)
        self.power = tuple(_power(cluster, factor) for cluster in spec.clusters)
        self.speed = _speed(spec)
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

    def rate(self, cpu: int) -> float:
        """Return what an undisturbed CPU computes at its present clock [MAC/s]."""
        cluster = self.cluster_of[cpu]
        policy = self.policies[cluster]
        return policy.khz[policy.point] * 1e3 * self.speed.macs_per_cycle[cluster]


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
    """Derive the speed of every core from the one reference latency."""
    reference = spec.reference
    cluster = next(c for c in spec.clusters if c.name == reference.cluster)
    bytes_per_s = spec.memory.gb_per_s * 1e9
    best = macs_per_cycle(
        demand_of(RESNET50),
        reference.latency_s,
        reference.threads,
        _shown(cluster)[-1][0] * 1e3,
        reference.serial,
        bytes_per_s,
    )
    relative = tuple(c.macs_per_cycle / cluster.macs_per_cycle for c in spec.clusters)
    return Speed(tuple(best * r for r in relative), reference.serial, bytes_per_s)
