"""A core that is taken off runs and draws nothing, and is missing where Linux leaves it out."""

import pytest

from devices.virtual.catalog import load
from devices.virtual.kernel.lane import LaneSettings
from devices.virtual.kernel.machine import Machine
from devices.virtual.kernel.reference import RESNET50
from tests.devices.soaking import S
from tests.devices.virtual.kernel.files import CPUFREQ, get, put

CPU = "/sys/devices/system/cpu"
BIG = (6, 7)


def working(*, mask: int = 0, offline: tuple[int, ...] = (), phone: str = "pixel-6") -> Machine:
    """Return a phone that has computed for a while, two threads on the strongest cores."""
    machine = Machine(load(phone), 0)
    for cpu in offline:
        machine.plug(cpu, is_online=False)
    machine.start_lane(0, RESNET50, LaneSettings(threads=2, mask=mask), S, seed=1)
    machine.advance(6 * S)
    return machine


def latency_us(machine: Machine) -> int:
    return machine.take_inferences()[-1].lat_us


def test_linux_s_lists_and_files_tell_who_is_there() -> None:
    machine = Machine(load("pixel-6"), 0)
    put(machine, f"{CPU}/cpu7/online", 0)
    put(machine, f"{CPU}/cpu6/online", 0)
    lists = {name: get(machine, f"{CPU}/{name}") for name in ("online", "offline", "possible")}
    assert lists == {"online": "0-5", "offline": "6-7", "possible": "0-7"}
    assert get(machine, f"{CPU}/present") == "0-7"
    assert get(machine, f"{CPUFREQ}/policy6/related_cpus") == "6 7"
    assert get(machine, f"{CPUFREQ}/policy6/affected_cpus") == ""
    assert get(machine, f"{CPUFREQ}/policy6/cpuinfo_cur_freq") == "<unknown>"
    assert "cpu7 " not in get(machine, "/proc/stat")
    put(machine, f"{CPU}/cpu7/online", 1)
    assert get(machine, f"{CPUFREQ}/policy6/affected_cpus") == "7"
    assert "cpu7 " in get(machine, "/proc/stat")


def test_the_last_core_stays() -> None:
    machine = Machine(load("pixel-6"), 0)
    for cpu in range(1, 8):
        machine.plug(cpu, is_online=False)
    with pytest.raises(OSError, match="busy"):
        put(machine, f"{CPU}/cpu0/online", 0)
    with pytest.raises(OSError, match="Invalid argument"):
        put(machine, f"{CPU}/cpu7/online", "maybe")


def test_work_moves_to_the_cores_that_are_left_and_takes_longer() -> None:
    strong, weak = working(), working(offline=BIG)
    assert latency_us(weak) > 1.3 * latency_us(strong)
    assert weak.history.last.busy[6:] == (0.0, 0.0)
    assert min(weak.history.last.busy[4:6]) > 0.9


def test_a_cluster_without_cores_draws_nothing() -> None:
    strong, weak = working(), working(offline=BIG)
    assert strong.history.last.part_w[2] > 1.0
    assert weak.history.last.part_w[2] == 0.0


def test_a_thread_whose_only_core_goes_runs_on_and_comes_back_with_it() -> None:
    machine = working(mask=1 << 7)
    before_us = latency_us(machine)
    machine.plug(7, is_online=False)
    machine.advance(12 * S)
    done = machine.take_inferences()
    assert done, "its affinity is broken, as in Linux, and it goes on"
    assert machine.history.last.busy[7] == 0.0
    machine.plug(7, is_online=True)
    machine.advance(20 * S)
    assert latency_us(machine) == pytest.approx(before_us, rel=0.1)


def test_a_start_on_cores_that_are_all_offline_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"mask c0 names offline CPUs only \(6-7\)"):
        working(mask=0xC0, offline=BIG)


def test_other_programs_move_too() -> None:
    machine = Machine(load("pixel-6"), 0)
    machine.set_background_load(3.0)
    machine.plug(0, is_online=False)
    machine.advance(2 * S)
    assert machine.history.last.busy[0] == 0.0
    assert sum(machine.history.last.busy) == pytest.approx(3.06, abs=0.05)


def test_a_boot_plugs_everything_in() -> None:
    machine = Machine(load("pixel-6"), 0)
    machine.plug(7, is_online=False)
    machine.advance(S)
    machine.forget_settings()
    assert machine.chip.online == tuple(range(8))
