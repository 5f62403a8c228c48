"""The Pixel thermal HAL in a closed loop with two published heat networks."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import mean
from typing import Any, NamedTuple

from devices.virtual.catalog import load as load_phone
from devices.virtual.kernel.cpufreq import Policy
from devices.virtual.kernel.pid import Pid
from devices.virtual.kernel.spec import ClusterSpec, PhoneSpec
from devices.virtual.kernel.thermal import CoolingDevice
from devices.virtual.physics.thermal import SPOT, HeatFlow
from devices.virtual.validate.heat import chip, published_flow
from devices.virtual.validate.published import load
from devices.virtual.validate.rows import Row, around, within

_GROUP = "skin PID"
_STEP_S = 0.5
_CORES = 2  # busy ones per cluster
_TARGET_C = 37.0


class _Sample(NamedTuple):
    spot_c: float
    mid: float  # clock relative to the top [1]
    big: float
    throughput: float


@dataclass(frozen=True, slots=True)
class _Cluster:
    """Two busy cores and what caps them."""

    spec: ClusterSpec
    device: CoolingDevice
    per_mhz: float  # CoreMark

    @property
    def point(self) -> int:
        return self.device.policy.cap_point

    @property
    def share(self) -> float:
        """The clock relative to the top one."""
        return self.spec.opps[self.point][0] / self.spec.opps[-1][0]

    @property
    def core_w(self) -> float:
        opp = self.spec.opps[self.point]
        assert len(opp) == 3
        return float(opp[2]) / 1e3

    @property
    def rate(self) -> float:
        return _CORES * self.per_mhz * self.spec.opps[self.point][0]


def compare() -> Iterator[Row]:
    """Yield when the skin gets warm and where clocks and throughput settle."""
    facts = load("governors.toml")["skin_pid"]
    sets = {one["name"]: one for one in load("heat.toml")["sets"]}
    for name, ambient, warm, reach_s, mid, big, throughput in facts["rows"]:
        flow = published_flow(sets[name])
        samples = _run(facts, flow, float(ambient), warm=warm)
        start = "warm" if warm else "cold"
        case = f"set {name}, {ambient} °C, {start}"
        first_s = next(
            (i * _STEP_S for i, sample in enumerate(samples) if sample.spot_c >= _TARGET_C),
            float(facts["run_s"]),
        )
        source = facts["source"]
        yield Row(_GROUP, f"{case}: skin reaches 37 °C", reach_s, first_s, "s",
                  within(reach_s, facts["accept_time"]), "predicted", source)  # fmt: skip
        steady = samples[-round(facts["steady_s"] / _STEP_S) :]
        for what, published, ours in (
            ("clock of A76", mid, mean(s.mid for s in steady)),
            ("clock of X1", big, mean(s.big for s in steady)),
            ("throughput", throughput, mean(s.throughput for s in steady)),
        ):
            yield Row(_GROUP, f"{case}: steady {what} over top", published, ours, "",
                      around(published, facts["accept_ratio"]), "predicted", source)  # fmt: skip


def _run(facts: dict[str, Any], flow: HeatFlow, ambient_c: float, *, warm: bool) -> list[_Sample]:
    spec = load_phone(facts["phone"])
    clusters = {c.name: _cluster(c, facts) for c in spec.clusters}
    rule = _rule(spec, clusters, facts)
    mid, big = clusters["mid"], clusters["big"]
    board_w = facts["board_w"]
    temps = flow.equilibrium(chip(facts["warm_w"], board_w) if warm else chip(0.0, 0.0), ambient_c)
    top_rate = mid.rate + big.rate
    samples = []
    for step in range(round(facts["run_s"] / _STEP_S)):
        if step * _STEP_S % facts["poll_s"] == 0:
            rule.update(temps[SPOT])
        throughput = (mid.rate + big.rate) / top_rate
        watts = facts["effort"] * _CORES * (mid.core_w + big.core_w)
        watts += facts["memory_w"] * throughput
        samples.append(_Sample(temps[SPOT], mid.share, big.share, throughput))
        temps = flow.step(temps, chip(watts, board_w), ambient_c, _STEP_S)
    return samples


def _cluster(spec: ClusterSpec, facts: dict[str, Any]) -> _Cluster:
    khz = tuple(int(opp[0]) for opp in spec.opps)
    device = CoolingDevice(spec.name, Policy(spec.cpus, khz, "performance"))
    return _Cluster(spec, device, facts["coremark_per_mhz"].get(spec.name, 0.0))


def _rule(spec: PhoneSpec, clusters: dict[str, _Cluster], facts: dict[str, Any]) -> Pid:
    assert spec.vendor is not None
    assert spec.vendor.pid is not None
    rule = spec.vendor.pid.model_copy(update={"thresholds_c": tuple(facts["thresholds_c"])})
    return Pid(rule, {name: cluster.device for name, cluster in clusters.items()})
