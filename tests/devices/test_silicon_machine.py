"""What a machine promises to everybody who looks at it: the same history, whoever looks."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.virtual.catalog import load, names
from devices.virtual.kernel.inference import Inference
from devices.virtual.kernel.lane import LaneSettings
from devices.virtual.kernel.machine import Machine
from devices.virtual.kernel.reference import RESNET50
from devices.virtual.physics.thermal import (
    BAT,
    DIE,
    GPU,
    HEATED,
    MODEM,
    NODES,
    HeatFlow,
    Temperatures,
)
from tests.devices.soaking import S

PACED = LaneSettings(threads=2, period_us=200_000, n=60)
Rows = list[list[int | None]]


def ids_of(machine: Machine) -> list[str]:
    return [info.id for info in machine.sensors()]


def story(machine: Machine, at_ns: int, seconds: int = 20) -> tuple[list[tuple[int, ...]], Rows]:
    """Start a lane and return its inferences and samples, with times since the start."""
    machine.advance(at_ns)
    machine.start_lane(0, RESNET50, LaneSettings(threads=2), at_ns, seed=5)
    sample = machine.sampler(ids_of(machine))
    rows: Rows = []
    for tick in range(1, seconds * 10 + 1):
        machine.advance(at_ns + tick * S // 10)
        rows.append(sample(at_ns + tick * S // 10))
    return [_relative(i, at_ns) for i in machine.take_inferences()], rows


def _relative(i: Inference, at_ns: int) -> tuple[int, ...]:
    return (i.t_ns - at_ns, i.slot, i.q_us, i.lat_us, i.cpu_us, i.core, i.uj, i.end_ns - at_ns)


def test_the_same_seed_gives_the_same_rows() -> None:
    assert story(Machine(load("pixel-4"), 3), 0) == story(Machine(load("pixel-4"), 3), 0)


def test_another_seed_gives_other_rows() -> None:
    assert story(Machine(load("pixel-4"), 3), 0) != story(Machine(load("pixel-4"), 4), 0)


def test_rows_do_not_depend_on_when_a_lane_starts() -> None:
    early = story(Machine(load("honor-v30-pro"), 3), 0)
    late = story(Machine(load("honor-v30-pro"), 3), 7_331_400_000_000)
    assert early == late


def test_the_first_cap_comes_equally_late_whenever_a_lane_starts() -> None:
    """The vendor's polls fall on the same instants of the run, not of the uptime."""
    stories = []
    for at_ns in (0, 7_331_400_000_000):
        machine = Machine(load("pixel-6"), 3)
        machine.shift_trips(-12.0)
        stories.append(story(machine, at_ns, seconds=90))
    assert stories[0] == stories[1]
    caps = [row[ids_of(machine).index("cluster6.max_khz")] for row in stories[0][1]]
    assert caps[0] == 2_802_000
    assert len(set(caps)) > 2


def test_a_reading_between_grid_points_lies_between_them() -> None:
    spec = load("pixel-4")
    zones = tuple(z.model_copy(update={"noise_c": 0.0, "step_c": 0.001}) for z in spec.zones)
    machine = Machine(spec.model_copy(update={"zones": zones}), 1)
    machine.start_lane(0, RESNET50, LaneSettings(threads=4), 0, seed=1)
    machine.advance(2 * S)
    sample = machine.sampler(["thermal:cpu0-thermal"])
    low, middle, high = (sample(t_ms * 1_000_000)[0] for t_ms in (1000, 1050, 1100))
    assert low is not None
    assert middle is not None
    assert high is not None
    assert high > low + 50
    assert middle == pytest.approx((low + high) / 2, abs=2)


@given(st.integers(0, 2**32))
@settings(max_examples=15, deadline=None)
def test_who_looks_and_when_changes_nothing(seed: int) -> None:
    """The same commands at the same times, with and without a restless reader in between."""
    calm, watched = Machine(load("pixel-6"), 9), Machine(load("pixel-6"), 9)
    restless = Random(seed)
    for machine, looks in ((calm, False), (watched, True)):
        _command(machine, restless if looks else None)
    assert watched.truth() == calm.truth()
    assert watched.take_inferences() == calm.take_inferences()
    ids = ids_of(calm)
    assert watched.sampler(ids)(watched.now_ns) == calm.sampler(ids)(calm.now_ns)
    assert watched.nodes["/proc/stat"].read() == calm.nodes["/proc/stat"].read()  # type: ignore[misc]


def _command(machine: Machine, reader: Random | None) -> None:
    def until(t_ns: int) -> None:
        while reader and machine.now_ns < t_ns:
            machine.advance(min(t_ns, machine.now_ns + reader.randrange(1, 40 * S)))
            machine.sampler(ids_of(machine))(machine.now_ns)
            for path in ("/proc/stat", "/proc/uptime", "/sys/class/thermal/thermal_zone0/temp"):
                machine.nodes[path].read()  # type: ignore[misc]
        machine.advance(t_ns)

    until(123_456_789_012)
    machine.set_background_load(1.5)
    until(180_000_000_001)
    machine.start_lane(1, RESNET50, PACED, machine.now_ns, seed=1)
    until(190 * S)
    machine.nodes["/sys/devices/system/cpu/cpufreq/policy6/scaling_max_freq"].write(b"1426000\n")  # type: ignore[misc]
    until(1500 * S)
    machine.set_ambient(30.0)
    until(1_777_777_777_777)


def test_late_readers_see_what_was_true_then() -> None:
    prompt, late = Machine(load("honor-v30-pro"), 3), Machine(load("honor-v30-pro"), 3)
    for machine in (prompt, late):
        machine.start_lane(0, RESNET50, LaneSettings(threads=2), 0, seed=5)
    at_once, afterwards = prompt.sampler(ids_of(prompt)), late.sampler(ids_of(late))
    rows = []
    for tick in range(1, 101):
        prompt.advance(tick * S // 10)
        rows.append(at_once(tick * S // 10))
    late.history.keep(10 * S)
    late.advance(10 * S)
    assert [afterwards(tick * S // 10) for tick in range(1, 101)] == rows


def test_idle_phones_stay_where_they_are() -> None:
    for name in names():
        machine = Machine(load(name), 1)
        before = machine.history.last.temps_c
        machine.advance(3 * 3600 * S)
        assert machine.history.last.temps_c == pytest.approx(before, abs=1e-6), name


def test_a_warmed_phone_returns_to_its_idle_temperature() -> None:
    machine = Machine(load("pixel-4"), 1)
    before = machine.history.last.temps_c
    machine.start_lane(0, RESNET50, LaneSettings(threads=4, dur_ms=300_000), 0, seed=1)
    machine.advance(300 * S)
    assert machine.history.last.temps_c[0] > before[0] + 20
    machine.advance(4 * 3600 * S)
    assert machine.history.last.temps_c == pytest.approx(before, abs=0.01)


def test_time_never_goes_back() -> None:
    machine = Machine(load("pixel-4"), 1)
    machine.advance(5 * S)
    machine.advance(3 * S)
    assert machine.now_ns == 5 * S


def test_a_lane_starts_on_a_whole_tenth_of_a_second() -> None:
    machine = Machine(load("pixel-4"), 1)
    machine.advance(1_234_567_890)
    machine.start_lane(0, RESNET50, PACED, 1_234_567_890, seed=1)
    machine.advance(3 * S)
    assert machine.take_inferences()[0].t_ns == 1_300_000_000


def test_inferences_are_handed_out_once_and_not_before_they_end() -> None:
    machine = Machine(load("honor-v30-pro"), 1)
    machine.start_lane(0, RESNET50, LaneSettings(threads=2), 0, seed=1)
    taken: list[Inference] = []
    for t_ns in range(33_000_000, 5 * S, 33_000_000):
        machine.advance(t_ns)
        batch = machine.take_inferences()
        assert all(i.end_ns <= t_ns for i in batch)
        taken += batch
    assert [i.slot for i in taken] == list(range(len(taken)))
    assert len(taken) > 20


def test_a_stopped_lane_finishes_what_is_in_flight() -> None:
    machine = Machine(load("honor-v30-pro"), 1)
    machine.start_lane(0, RESNET50, LaneSettings(threads=2), 0, seed=1)
    machine.advance(1_050_000_000)
    machine.stop_lane(0, 1_050_000_000)
    machine.advance(5 * S)
    last = machine.take_inferences()[-1]
    assert last.t_ns < 1_100_000_000 < last.end_ns < 1_400_000_000
    assert not machine.load.lanes


def test_two_lanes_on_the_same_cores_slow_each_other() -> None:
    alone, shared = Machine(load("honor-v30-pro"), 1), Machine(load("honor-v30-pro"), 1)
    big = LaneSettings(threads=2, mask=0xC0)
    alone.start_lane(0, RESNET50, big, 0, seed=1)
    for lane in (0, 1):
        shared.start_lane(lane, RESNET50, big, 0, seed=1)
    for machine in (alone, shared):
        machine.advance(5 * S)
    ratio = shared.take_inferences()[-1].lat_us / alone.take_inferences()[-1].lat_us
    assert 1.7 < ratio < 2.2


def test_little_cores_are_slower_and_draw_less() -> None:
    def run(mask: int) -> tuple[int, float]:
        machine = Machine(load("honor-v30-pro"), 1)
        machine.start_lane(0, RESNET50, LaneSettings(threads=2, mask=mask), 0, seed=1)
        machine.advance(10 * S)
        return machine.take_inferences()[-1].lat_us, machine.history.last.power_w

    big, little = run(0xC0), run(0x0F)
    assert little[0] > 3 * big[0]
    assert little[1] < big[1] - 1.5


def test_background_load_on_the_same_cores_costs_latency() -> None:
    quiet, loaded = Machine(load("honor-v30-pro"), 1), Machine(load("honor-v30-pro"), 1)
    loaded.set_background_load(8)
    for machine in (quiet, loaded):
        machine.start_lane(0, RESNET50, LaneSettings(threads=2), 0, seed=1)
        machine.advance(5 * S)
    assert loaded.take_inferences()[-1].lat_us > 1.5 * quiet.take_inferences()[-1].lat_us


def test_a_mask_without_a_cpu_is_refused() -> None:
    with pytest.raises(ValueError, match="names none of 8"):
        Machine(load("pixel-4"), 1).start_lane(0, RESNET50, LaneSettings(mask=0x100), 0, seed=1)


def test_a_lost_sensor_reads_null_and_the_others_go_on() -> None:
    machine = Machine(load("pixel-4"), 1)
    sample = machine.sampler(["thermal:cpu0-thermal", "thermal:cpu1-thermal"])
    machine.lose_sensor("cpu0-thermal")
    machine.advance(S)
    lost, kept = sample(S)
    assert lost is None
    assert kept is not None
    with pytest.raises(OSError, match="No data available"):
        machine.nodes["/sys/class/thermal/thermal_zone0/temp"].read()  # type: ignore[misc]


def test_an_unplugged_phone_discharges_and_a_plugged_one_does_not() -> None:
    plugged, unplugged = Machine(load("honor-v30-pro"), 1), Machine(load("honor-v30-pro"), 1)
    unplugged.set_charger(False)
    for machine in (plugged, unplugged):
        machine.start_lane(0, RESNET50, LaneSettings(threads=2), 0, seed=1)
        machine.advance(600 * S)
    assert plugged.gauge.charge == pytest.approx(0.8, abs=0.001)
    assert 0.70 < unplugged.gauge.charge < 0.78
    current = unplugged.sampler(["power:current"])(600 * S)[0]
    assert current is not None
    assert -2_000_000 < current < -500_000


def vendor_zone(machine: Machine) -> str:
    """The sensor of the zone that the vendor's thermal service watches."""
    assert machine.spec.vendor is not None
    return f"thermal:{machine.spec.vendor.zone}"


def test_most_phones_call_a_zone_skin_and_some_do_not() -> None:
    skins = [any("skin" in zone.type.lower() for zone in load(name).zones) for name in names()]
    assert skins.count(True) >= 10
    assert skins.count(False) >= 2


def test_every_phone_offers_about_thirty_sensors_with_known_units() -> None:
    for name in names():
        machine = Machine(load(name), 1)
        machine.advance(S)
        infos = machine.sensors()
        assert 20 <= len(infos) <= 44, name
        assert len({info.id for info in infos}) == len(infos)
        assert {info.unit for info in infos} <= {"mC", "kHz", "uA", "uV", "pm", "kB", "mW", "1"}
        assert vendor_zone(machine) in {info.id for info in infos}, name
        assert all(value is not None for value in machine.sampler(ids_of(machine))(S))
        assert all(info.path in machine.nodes for info in infos if info.path), name


@pytest.mark.parametrize(
    ("part", "seconds", "neighbor"), [(GPU, (0.4, 2.0), DIE), (MODEM, (3.0, 30.0), BAT)]
)
@pytest.mark.parametrize("phone", ["pixel-6", "honor-v30-pro"])
def test_gpu_and_modem_warm_in_their_own_time_and_warm_their_neighbors_later(
    phone: str, part: int, seconds: tuple[float, float], neighbor: int
) -> None:
    """Two watts in one of them: it is warm long before what lies beside it is."""
    machine = Machine(load(phone), 0)
    flow = machine.warmth.flow
    heat = [0.0] * len(HEATED)
    heat[HEATED.index(part)] = 2.0
    soon, later = (_risen(flow, tuple(heat), s) for s in seconds)
    assert 2.0 < soon[part] < later[part] < 14.0
    assert soon[neighbor] < 0.35 * soon[part]
    assert later[neighbor] > soon[neighbor]


def _risen(flow: HeatFlow, heat: tuple[float, ...], seconds: float) -> Temperatures:
    """Return by how much each node has warmed after so long [K]."""
    cold: Temperatures = (0.0,) * len(NODES)  # type: ignore[assignment]
    return flow.step(cold, heat, 0.0, seconds)  # type: ignore[arg-type]
