"""A write is seen at once and counts when the clock has settled, to the nanosecond."""

from itertools import pairwise
from random import Random

import pytest

from devices.virtual.catalog import load
from devices.virtual.kernel.inference import Inference
from devices.virtual.kernel.lane import LaneSettings
from devices.virtual.kernel.machine import Machine
from devices.virtual.kernel.reference import RESNET50
from tests.devices.soaking import S
from tests.devices.virtual.kernel.files import CPUFREQ, get, node_folder, put

MS = 1_000_000
_KHZ = (500_000, 1_106_000, 1_826_000, 2_802_000)
POLICY = f"{CPUFREQ}/policy6"


def busy() -> Machine:
    """Return a Pixel 6 in the middle of a grid interval, with a lane on its big cores."""
    machine = Machine(load("pixel-6"), 0)
    machine.start_lane(0, RESNET50, LaneSettings(threads=2), 0, seed=1)
    machine.advance(2 * S + 30 * MS)
    return machine


def test_a_cpu_clock_changes_one_millisecond_after_the_write() -> None:
    machine = busy()
    put(machine, f"{POLICY}/scaling_max_freq", 1_106_000)
    assert get(machine, f"{POLICY}/scaling_max_freq") == "1106000", "readers see it at once"
    machine.advance(2 * S + 31 * MS)
    assert get(machine, f"{POLICY}/scaling_cur_freq") == "2802000"
    machine.advance(2 * S + 31 * MS + 1)
    assert get(machine, f"{POLICY}/scaling_cur_freq") == "1106000"


@pytest.mark.parametrize(("thing", "delay_ms"), [("gpu", 5), ("mem", 8)])
def test_gpu_and_memory_take_longer(thing: str, delay_ms: int) -> None:
    machine = busy()
    folder = node_folder(machine, thing)
    put(machine, f"{folder}/governor", "performance")
    machine.advance(3 * S + 10 * MS)
    top = get(machine, f"{folder}/cur_freq")
    put(machine, f"{folder}/governor", "powersave")
    machine.advance(3 * S + (10 + delay_ms) * MS)
    assert get(machine, f"{folder}/cur_freq") == top
    machine.advance(3 * S + (10 + delay_ms) * MS + 1)
    assert get(machine, f"{folder}/cur_freq") == get(machine, f"{folder}/min_freq") != top


def test_a_write_in_the_middle_of_an_interval_changes_nothing_before_it() -> None:
    """The interval is done again up to the write: what was told stays true, nothing comes twice."""
    untouched, written = busy(), busy()
    told = written.take_inferences()
    put(written, f"{POLICY}/scaling_max_freq", 1_106_000)
    assert told == untouched.take_inferences()
    for machine in (untouched, written):
        machine.advance(2 * S + 31 * MS)
    assert written.present()[0] == pytest.approx(untouched.present()[0], abs=2e-3)
    written.advance(4 * S)
    later = written.take_inferences()
    starts = [inference.t_ns for inference in (*told, *later)]
    assert starts == sorted(set(starts))
    assert _gapless([*told, *later])


def _gapless(inferences: list[Inference]) -> bool:
    """Whether each inference of a back-to-back lane starts where the one before it ended."""
    return all(after.t_ns == before.end_ns for before, after in pairwise(inferences))


def test_an_inference_that_meets_the_change_is_as_long_as_its_two_parts() -> None:
    machine = busy()
    put(machine, f"{node_folder(machine, 'mem')}/governor", "performance")
    put(machine, f"{POLICY}/scaling_max_freq", 1_106_000)
    machine.advance(4 * S)
    inferences = machine.take_inferences()
    change_ns = 2 * S + 31 * MS
    (met,) = [one for one in inferences if one.t_ns < change_ns < one.end_ns]
    fast = [one for one in inferences if one.end_ns < change_ns][-1]
    slow = inferences[-1]
    share = (change_ns - met.t_ns) / 1e3 / fast.lat_us
    assert met.lat_us == pytest.approx(
        (change_ns - met.t_ns) / 1e3 + (1 - share) * slow.lat_us, rel=0.06
    )


def test_two_writes_within_the_delay_count_one_after_the_other() -> None:
    machine = busy()
    put(machine, f"{POLICY}/scaling_governor", "userspace")
    machine.advance(machine.now_ns + MS // 2)
    put(machine, f"{POLICY}/scaling_setspeed", 1_426_000)
    machine.advance(machine.now_ns + MS // 2 + 1)
    assert get(machine, f"{POLICY}/scaling_cur_freq") == "2802000", "userspace began where it was"
    machine.advance(machine.now_ns + MS)
    assert get(machine, f"{POLICY}/scaling_cur_freq") == "1426000"


def test_energy_and_counters_add_up_over_a_cut_interval() -> None:
    machine = busy()
    for step in range(20):
        khz = (1_106_000, 2_802_000)[step % 2]
        put(machine, f"{POLICY}/scaling_max_freq", khz)
        machine.advance(machine.now_ns + 17 * MS)
    rows = get(machine, f"{POLICY}/stats/time_in_state").splitlines()
    assert sum(int(row.split()[1]) for row in rows) == pytest.approx(237, abs=len(rows))
    truth = machine.truth()
    gone = float(str(truth["heat_lost_j"])) + float(str(truth["heat_stored_j"]))
    assert gone == pytest.approx(float(str(truth["heat_in_j"])), rel=2e-3)
    assert int(get(machine, f"{POLICY}/stats/total_trans")) >= 19


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_looks_between_the_writes_change_nothing(seed: int) -> None:
    """Writes at any instant cut intervals; who looks in between must not move a single one."""
    draw = Random(seed)
    writes = sorted((draw.randrange(1, 60 * S), draw.choice(_KHZ)) for _ in range(40))
    stories = []
    for looks in (0, 200):
        machine = Machine(load("pixel-6"), 0)
        machine.start_lane(0, RESNET50, LaneSettings(threads=2, period_us=70_000), 0, seed=1)
        told: list[Inference] = []
        moments = [(t_ns, 0) for t_ns in sorted(draw.randrange(1, 60 * S) for _ in range(looks))]
        for t_ns, khz in sorted([*writes, *moments]):
            machine.advance(t_ns)
            if khz:
                put(machine, f"{POLICY}/scaling_max_freq", khz)
            else:
                get(machine, f"{POLICY}/stats/time_in_state")
                machine.present()
                told += machine.take_inferences()
        machine.advance(61 * S)
        told += machine.take_inferences()
        stories.append((machine.truth(), sorted(told, key=lambda one: one.t_ns)))
    assert stories[0] == stories[1]
