"""What the governors and the cpufreq files promise."""

from dataclasses import replace

import pytest

from devices.virtual.catalog import load
from devices.virtual.kernel.cpufreq import Policy
from devices.virtual.kernel.lane import LaneSettings
from devices.virtual.kernel.machine import Machine
from devices.virtual.kernel.reference import RESNET50
from tests.devices.soaking import S

KHZ = (500_000, 1_000_000, 1_500_000, 2_000_000)
POLICY6 = "/sys/devices/system/cpu/cpufreq/policy6"


def policy(governor: str = "schedutil") -> Policy:
    return Policy((0, 1), KHZ, governor)


def put(machine: Machine, path: str, text: str) -> None:
    write = machine.nodes[path].write
    assert write is not None
    write(text.encode())


def get(machine: Machine, path: str) -> str:
    read = machine.nodes[path].read
    assert read is not None
    return read().decode().strip()


@pytest.mark.parametrize(
    ("util", "khz"),
    [(0.0, 500_000), (0.2, 500_000), (0.3, 1_000_000), (0.6, 1_500_000), (0.9, 2_000_000)],
)
def test_schedutil_keeps_a_quarter_of_headroom(util: float, khz: int) -> None:
    chosen = policy()
    chosen.util = util
    assert KHZ[chosen.decide()] == khz


def test_utilization_is_measured_in_work_and_not_in_time() -> None:
    chosen = policy()
    chosen.point = 0
    chosen.observe([0.8, 0.1], 1.0)
    assert chosen.util == 0.2


def test_schedutil_is_not_at_rest_while_its_average_moves_towards_another_clock() -> None:
    """At 39 % the second clock is enough; the load of 41 % asks for the third before long."""
    chosen = policy()
    chosen.point = 1
    for weight in (0.95, 0.5):
        chosen.observe([0.82, 0.0], weight)
        assert KHZ[chosen.decide()] == 1_000_000
    assert chosen.memory_ns == S
    chosen.observe([0.82, 0.0], 0.9)
    assert KHZ[chosen.decide(S)] == 1_500_000
    assert chosen.memory_ns < S


def test_a_saturated_core_climbs_to_the_top_at_once() -> None:
    chosen = policy()
    chosen.observe([1.0, 1.0], 0.9)
    assert KHZ[chosen.decide()] == 2_000_000


@pytest.mark.parametrize(
    ("governor", "khz"),
    [("performance", 2_000_000), ("powersave", 500_000), ("userspace", 1_500_000)],
)
def test_the_other_governors_ignore_the_load(governor: str, khz: int) -> None:
    chosen = policy(governor)
    chosen.in_force = replace(chosen.in_force, setspeed=1_200_000)
    assert KHZ[chosen.decide()] == khz


def test_the_thermal_cap_beats_the_users_minimum() -> None:
    chosen = policy("performance")
    chosen.in_force = replace(chosen.in_force, low=2_000_000)
    chosen.cap_point = 1
    assert KHZ[chosen.decide()] == 1_000_000
    assert chosen.limit == 1_000_000


def test_a_written_limit_reads_back_and_slows_the_phone() -> None:
    machine = Machine(load("pixel-6"), 1)
    machine.start_lane(0, RESNET50, LaneSettings(threads=2), 0, seed=1)
    machine.advance(2 * S)
    fast_us = machine.take_inferences()[-1].lat_us
    put(machine, f"{POLICY6}/scaling_max_freq", "1106000\n")
    assert get(machine, f"{POLICY6}/scaling_max_freq") == "1106000"
    machine.advance(4 * S)
    assert get(machine, f"{POLICY6}/scaling_cur_freq") == "1106000"
    assert machine.take_inferences()[-1].lat_us > 2 * fast_us


@pytest.mark.parametrize(
    ("name", "text"),
    [("scaling_governor", "turbo"), ("scaling_max_freq", "fast"), ("scaling_setspeed", "1106000")],
)
def test_nonsense_is_refused_and_changes_nothing(name: str, text: str) -> None:
    machine = Machine(load("pixel-6"), 1)
    before = get(machine, f"{POLICY6}/{name}")
    with pytest.raises(OSError, match="Invalid argument"):
        put(machine, f"{POLICY6}/{name}", text)
    assert get(machine, f"{POLICY6}/{name}") == before


def test_a_limit_beyond_the_table_is_cut_to_it() -> None:
    machine = Machine(load("pixel-6"), 1)
    put(machine, f"{POLICY6}/scaling_max_freq", "9999999")
    assert get(machine, f"{POLICY6}/scaling_max_freq") == "2802000"


def test_a_governor_can_be_chosen() -> None:
    machine = Machine(load("pixel-6"), 1)
    put(machine, f"{POLICY6}/scaling_governor", "userspace")
    put(machine, f"{POLICY6}/scaling_setspeed", "1426000")
    machine.advance(S)
    assert get(machine, f"{POLICY6}/scaling_cur_freq") == "1426000"


def test_time_in_state_adds_up_to_the_uptime() -> None:
    machine = Machine(load("pixel-6"), 1)
    machine.advance(50 * S)
    machine.start_lane(0, RESNET50, LaneSettings(threads=2, dur_ms=20_000), 50 * S, seed=1)
    machine.advance(123 * S)
    rows = get(machine, f"{POLICY6}/stats/time_in_state").splitlines()
    ticks = {int(khz): int(ticks) for khz, ticks in (row.split() for row in rows)}
    assert sum(ticks.values()) == pytest.approx(12_300, abs=len(ticks))
    assert ticks[2_802_000] == pytest.approx(2_000, abs=30)
