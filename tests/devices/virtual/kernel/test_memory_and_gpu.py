"""Memory and GPU are clocked in their own units, cost power, and slow what waits for them."""

import pytest

from devices.virtual.catalog import load, names
from devices.virtual.kernel.blocks import Gpu
from devices.virtual.kernel.bw_hwmon import BwHwmon
from devices.virtual.kernel.devfreq import Domain, adreno_tz, simple_ondemand
from devices.virtual.kernel.lane import LaneSettings
from devices.virtual.kernel.machine import Machine
from devices.virtual.kernel.reference import RESNET50
from devices.virtual.kernel.spec import PhoneSpec
from devices.virtual.physics.cpu import Layer, Work
from tests.devices.soaking import S
from tests.devices.virtual.kernel.files import CPUFREQ, get, node_folder, put

#: One layer that moves much and computes little: what a fully connected head is like.
BOUND = Work("memory bound", (Layer("fc", 10_000_000, 400_000_000, 400_000_000),))
WITH_LEVELS = [name for name in names() if load(name).memory.levels]


def domain(level: int = 0) -> Domain:
    """Return a domain of four levels at one of them."""
    one = Domain("ddr", (100, 200, 300, 400), "simple_ondemand", (), 0)
    one.point = level
    return one


@pytest.mark.parametrize(
    ("level", "load", "chosen"), [(0, 0.95, 3), (2, 0.88, 2), (3, 0.5, 2), (3, 0.2, 0), (0, 0.0, 0)]
)
def test_simple_ondemand_keeps_the_load_below_its_threshold(
    level: int, load: float, chosen: int
) -> None:
    """At level 3 and 50 %: 0.5 · 400 / 0.875 = 229, so the step of 300."""
    assert simple_ondemand(domain(), level, load) == chosen


@pytest.mark.parametrize(
    ("level", "load", "chosen"), [(1, 0.95, 2), (3, 0.95, 3), (2, 0.8, 2), (2, 0.3, 1), (0, 0.0, 0)]
)
def test_the_adreno_rule_moves_by_one_level(level: int, load: float, chosen: int) -> None:
    assert adreno_tz(domain(), level, load) == chosen


def test_bw_hwmon_asks_for_a_multiple_at_once_and_forgets_slowly() -> None:
    """(1000 + 100) / 16 %; then (0 + 100) · 0.75 + 1100 · 0.25 = 350, and so on."""
    rule = BwHwmon()
    votes = [rule.vote(measured) for measured in (1000, 0, 0, 1000)]
    assert votes == pytest.approx([6875, 2187.5, 1015.625, 6875])


def test_bw_hwmon_asks_on_top_of_a_rise_but_not_beyond_a_recent_peak() -> None:
    """A rise of 1000 with up_scale 250 asks for 3500; the peak of 1500 before limits the next."""
    rule = BwHwmon(guard_band_mbps=0, io_percent=100, decay_rate=100, up_scale=250, hist_memory=20)
    assert rule.vote(1000) == 3500
    rule = BwHwmon(guard_band_mbps=0, io_percent=100, decay_rate=100, up_scale=250, hist_memory=20)
    assert [rule.vote(measured) for measured in (1500, 100, 1000)][1:] == [100, 1500]


@pytest.mark.parametrize("name", WITH_LEVELS)
def test_under_load_the_memory_is_fast_and_at_rest_it_is_slow(name: str) -> None:
    machine = Machine(load(name), 0)
    machine.shift_trips(200.0)
    folder = node_folder(machine, "mem")
    rest = int(get(machine, f"{folder}/cur_freq"))
    machine.start_lane(0, RESNET50, LaneSettings(threads=2), S, seed=1)
    machine.advance(4 * S)
    steps = list(map(int, get(machine, f"{folder}/available_frequencies").split()))
    assert int(get(machine, f"{folder}/cur_freq")) == max(steps)
    assert rest < max(steps)


def soaked(spec: PhoneSpec, work: Work, top: int | None) -> tuple[float, float]:
    """Return latency [s] and power of the phone [W] with the memory kept below a level."""
    machine = Machine(spec, 0)
    folder = node_folder(machine, "mem")
    if top is not None:
        put(machine, f"{folder}/max_freq", top)
    machine.start_lane(0, work, LaneSettings(threads=2), S, seed=1)
    machine.advance(5 * S)
    return machine.take_inferences()[-1].lat_us / 1e6, machine.history.last.power_w


@pytest.mark.parametrize("work", [BOUND, RESNET50])
def test_slow_memory_costs_time_most_where_little_is_computed(work: Work) -> None:
    spec = load("pixel-6")
    assert spec.memory.levels
    rows = spec.memory.levels.rows
    (fast_s, fast_w), (slow_s, slow_w) = soaked(spec, work, None), soaked(spec, work, rows[0][0])
    slower = rows[-1][1] / rows[0][1]
    if work is BOUND:
        assert slow_s / fast_s > 0.7 * slower
    else:
        assert 1.0 < slow_s / fast_s < 0.3 * slower
    assert slow_w < fast_w


def test_userspace_holds_any_level_whatever_the_cores_want() -> None:
    machine = Machine(load("pixel-6"), 0)
    folder = node_folder(machine, "mem")
    with pytest.raises(FileNotFoundError):
        put(machine, f"{folder}/userspace/set_freq", 1_014_000)
    put(machine, f"{folder}/governor", "userspace")
    wanted = get(machine, f"{folder}/available_frequencies").split()[3]
    put(machine, f"{folder}/userspace/set_freq", wanted)
    machine.start_lane(0, RESNET50, LaneSettings(threads=2), S, seed=1)
    machine.advance(3 * S)
    assert get(machine, f"{folder}/cur_freq") == wanted


def test_when_the_cores_slow_down_the_memory_follows() -> None:
    machine = Machine(load("pixel-6"), 0)
    machine.start_lane(0, RESNET50, LaneSettings(threads=2), S, seed=1)
    machine.advance(3 * S)
    folder = node_folder(machine, "mem")
    before = int(get(machine, f"{folder}/cur_freq"))
    put(machine, f"{CPUFREQ}/policy6/scaling_max_freq", 1_106_000)
    machine.advance(4 * S)
    assert int(get(machine, f"{folder}/cur_freq")) < before


def test_trans_stat_stars_the_present_level_and_counts_the_time() -> None:
    machine = Machine(load("pixel-6"), 0)
    machine.start_lane(0, RESNET50, LaneSettings(threads=2, dur_ms=5000), 2 * S, seed=1)
    machine.advance(20 * S)
    folder = node_folder(machine, "mem")
    lines = get(machine, f"{folder}/trans_stat").splitlines()
    rows = lines[2:-1]
    starred = [line for line in rows if line.startswith("*")]
    assert [line[1:].split(":")[0].strip() for line in starred] == [
        get(machine, f"{folder}/cur_freq")
    ]
    assert sum(int(line.split()[-1]) for line in rows) == pytest.approx(20_000, abs=len(rows))
    assert lines[-1].startswith("Total transition : ")


def with_known_gpu(name: str = "pixel-4") -> PhoneSpec:
    """Return a phone whose GPU is known to compute something."""
    spec = load(name)
    assert spec.gpu
    gpu = Gpu.model_validate({**spec.gpu.model_dump(), "macs_per_cycle": 100.0})
    return spec.model_copy(update={"gpu": gpu})


def test_a_gpu_lane_heats_the_gpu_and_leaves_the_cores_alone() -> None:
    machine = Machine(with_known_gpu(), 0)
    rest_w = machine.history.last.power_w
    machine.start_lane(0, RESNET50, LaneSettings(on_gpu=True), S, seed=1)
    machine.advance(6 * S)
    kgsl = "/sys/class/kgsl/kgsl-3d0"
    assert get(machine, f"{kgsl}/gpuclk") == "585000000"
    assert int(get(machine, f"{kgsl}/gpu_busy_percentage").split()[0]) > 95
    assert max(machine.history.last.busy) < 0.3
    assert machine.history.last.power_w - rest_w == pytest.approx(3.4, rel=0.2)
    machine.stop_lane(0, 6 * S)
    machine.advance(9 * S)
    assert get(machine, f"{kgsl}/gpubusy").split() == ["0", "0"], "it is switched off"


def test_a_slower_gpu_takes_longer_and_draws_less() -> None:
    latencies, powers = [], []
    for top in ("585000000", "257000000"):
        machine = Machine(with_known_gpu(), 0)
        put(machine, "/sys/class/kgsl/kgsl-3d0/devfreq/max_freq", top)
        machine.start_lane(0, RESNET50, LaneSettings(on_gpu=True), S, seed=1)
        machine.advance(6 * S)
        latencies.append(machine.take_inferences()[-1].lat_us)
        powers.append(machine.history.last.power_w)
    assert latencies[1] > 1.6 * latencies[0]
    assert powers[1] < powers[0] - 2.0


def test_mali_shows_its_clock_in_khz_and_takes_limits_in_khz() -> None:
    machine = Machine(load("pixel-6"), 0)
    assert get(machine, "/sys/kernel/gpu/gpu_max_clock") == "848000"
    put(machine, "/sys/kernel/gpu/gpu_max_clock", 572_000)
    assert get(machine, f"{node_folder(machine, 'gpu')}/max_freq") == "572000000"
    with pytest.raises(OSError, match="Invalid argument"):
        put(machine, "/sys/kernel/gpu/gpu_max_clock", "fast")
