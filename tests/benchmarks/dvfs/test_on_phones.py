"""Planned clocks over a real adb server: what is planned is carried out, and pays."""

from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks.catalog.dvfs_figures import dvfs_figures
from benchmarks.conversation import Tick
from benchmarks.figures import Subject
from benchmarks.rehearsed_grid import refuse_grid
from benchmarks.solo import Outcome, run_once
from benchmarks.specs import parse
from devices.errors import StableDeviceError
from devices.phone import Phone, connect
from devices.probe import probe
from devices.profile import DeviceKind, DeviceProfile
from devices.samples import Item
from tests.parts.adb import VirtualPhones, virtual_phones

ROOTED, PLAIN = "pixel-6", "honor-v30-pro"
GOVERNOR = "/sys/devices/system/cpu/cpufreq/policy6/scaling_governor"


@pytest.fixture(scope="module")
def farm() -> Iterator[VirtualPhones]:
    with virtual_phones(ROOTED, PLAIN, speed=50) as phones:
        yield phones


@pytest.fixture
def rooted(farm: VirtualPhones) -> Phone:
    return connect(farm.serials[0], server=farm.server)


@pytest.fixture
def plain(farm: VirtualPhones) -> Phone:
    return connect(farm.serials[1], server=farm.server)


def run(phone: Phone, policy: str, **params: Any) -> Outcome:
    benchmark = {"kind": "dvfs", "workload": "resnet50", "duration_s": 30, "grid_cores": 4,
                 "grid_memory": 2, "repeats": 3, **params}  # fmt: skip
    gate = {"start_gate": {"timeout_s": 0}}
    spec = parse({"benchmark": benchmark, "policy": {"kind": policy}, "preconditions": gate})
    return run_once(phone, spec, ignore)


def ignore(_phase: str, _item: Item | Tick) -> None:
    """Watch nothing."""


def known(outcome: Outcome) -> dict[str, float]:
    return {m.name: m.value for m in outcome.analysis.metrics if m.value is not None}


def test_a_planned_inference_is_lazy_in_time_and_cheaper_than_racing(rooted: Phone) -> None:
    before = rooted.run(["cat", GOVERNOR]).stdout
    lazy, race = run(rooted, "neurobalancer"), run(rooted, "race_to_idle")
    mine, theirs = known(lazy), known(race)
    assert mine["deadline_hit"] >= 0.99
    assert 0.85 <= mine["punctuality_p50"] <= 1.0
    assert theirs["punctuality_p50"] < 0.75
    assert mine["energy_mj"] < 0.85 * theirs["energy_mj"]
    assert mine["prediction_error"] < 0.05
    assert mine["oracle_mj"] < mine["energy_mj"]
    assert 0 < mine["regret"] < 0.12 < theirs["regret"]
    assert "gaps" not in [reason["name"] for reason in lazy.document["reasons"]]
    assert {m.better for m in lazy.analysis.metrics if m.name == "p50_ms"} == {None}
    told = lazy.document["details"]["dvfs"]
    assert told["mode"] == "root"
    assert told["plan"]["note"].startswith("algorithm reconstructed from the abstract")
    assert told["static_pair"]["energy_uj"] > 0
    assert len(told["ribbon"]) == len(told["plan"]["segments"])
    shares = [share for _, share in told["residency"]["core_clock"]]
    assert sum(shares) == pytest.approx(1.0, abs=0.001)
    # The clocks belong to the phone's own governor again.
    assert rooted.run(["cat", GOVERNOR]).stdout == before
    subjects = [
        Subject(1, 0, "lazy", mine, lazy.document["details"], policy={"kind": "neurobalancer"}),
        Subject(2, 1, "racing", theirs, race.document["details"], policy={"kind": "race_to_idle"}),
    ]
    assert [figure.title for figure in dvfs_figures(subjects)] == [
        "Saved against racing",
        "Energy over the oracle's",
        "Energy and latency",
        "Clocks inside an inference",
        "Residency",
        "Energy at every pair of clocks",
        "Punctuality",
    ]


@pytest.mark.nightly
@pytest.mark.timeout(600)
def test_the_oracle_measures_every_pair_over_adb_and_nobody_is_cheaper(rooted: Phone) -> None:
    interval = {"period_ms": 75}
    oracle, lazy = (run(rooted, policy, **interval) for policy in ("oracle", "neurobalancer"))
    told = oracle.document["details"]["dvfs"]
    assert len(told["pareto"]) == 17 * 13, "every clock of the big cores, every one of the memory"
    assert told["plan"]["note"].startswith("measured truth with the rehearsal's own noise")
    assert known(oracle)["energy_mj"] < 0.97 * known(lazy)["energy_mj"]
    assert abs(known(oracle)["regret"]) < 0.05


def test_on_a_gpu_its_own_clock_is_planned_beside_the_memory(rooted: Phone) -> None:
    node = "/sys/class/devfreq/28000000.mali/governor"
    before = rooted.run(["cat", node]).stdout
    lazy = run(rooted, "neurobalancer", processor="gpu", duration_s=15, slack=2)
    mine, told = known(lazy), lazy.document["details"]["dvfs"]
    assert mine["deadline_hit"] >= 0.99
    assert mine["prediction_error"] < 0.05
    _, racing_mj, *clocks = told["pareto"][-1]
    assert clocks[0] == 848_000, "the GPU's own highest clock"
    assert mine["energy_mj"] < 0.95 * racing_mj
    assert (told["processor"], told["cluster"], told["mode"]) == ("gpu", "gpu", "root")
    assert set(told["plan"]["knobs"]) == {"gpu.gov", "mem.gov"}
    assert mine["energy_mj"] == pytest.approx(told["plan"]["predicted_uj"] / 1000, rel=0.03)
    assert rooted.run(["cat", node]).stdout == before


def test_without_root_it_only_advises(plain: Phone) -> None:
    outcome = run(plain, "neurobalancer", duration_s=10)
    told = outcome.document["details"]["dvfs"]
    assert told["mode"] == "advisory"
    assert "no clock is written" in told["plan"]["reason"]
    assert told["plan"]["knobs"] == {}
    assert known(outcome)["deadline_hit"] > 0.9


@pytest.mark.parametrize(
    ("policy", "params", "words"),
    [
        ("race_to_idle", {}, "policy race_to_idle writes clocks, and this phone gives no root"),
        ("stock", {"mode": "root"}, "mode = 'root' writes clocks"),
        ("stock", {"cluster": "huge"}, "no huge with 2 cores; there are: little (4 cores)"),
        ("stock", {"threads": 8}, "with 8 cores"),
        ("stock", {"mode": "root", "processor": "gpu"}, "mode = 'root' writes clocks"),
    ],
)  # fmt: skip
def test_what_a_phone_cannot_do_is_refused_before_anything_is_pushed(
    plain: Phone, policy: str, params: dict[str, Any], words: str
) -> None:
    with pytest.raises(StableDeviceError) as refused:
        run(plain, policy, **params)
    assert words in str(refused.value)


def test_a_machine_without_clusters_is_refused() -> None:
    grid = parse({"benchmark": {"kind": "dvfs"}}).benchmark.grid()
    assert grid is not None
    machine = DeviceProfile(serial="host", kind=DeviceKind.HOST)
    with pytest.raises(StableDeviceError, match="nothing tells the clocks of its cores"):
        refuse_grid(grid, machine)


def test_a_gpu_that_the_agent_cannot_use_is_refused(rooted: Phone) -> None:
    grid = parse({"benchmark": {"kind": "dvfs", "processor": "gpu"}}).benchmark.grid()
    assert grid is not None
    refuse_grid(grid, probe(rooted), ["gpu"])
    with pytest.raises(StableDeviceError, match="computes on no GPU; take processor = 'cpu'"):
        refuse_grid(grid, probe(rooted), ["infer", "plan"])


def test_a_deadline_below_the_race_time_is_refused_with_the_time_that_would_do(
    rooted: Phone,
) -> None:
    with pytest.raises(StableDeviceError, match=r"period_ms = 5: one inference takes .* ms at"):
        run(rooted, "neurobalancer", period_ms=5, grid_cores=2, grid_memory=1)
