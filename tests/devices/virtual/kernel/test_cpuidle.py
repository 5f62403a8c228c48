"""Idle states are shown, timed, and cost leakage when somebody forbids them."""

import pytest

from devices.virtual.catalog import load
from devices.virtual.kernel.lane import LaneSettings
from devices.virtual.kernel.machine import Machine
from devices.virtual.kernel.reference import RESNET50
from tests.devices.soaking import S
from tests.devices.virtual.kernel.files import get, put

CPU = "/sys/devices/system/cpu"


def forbid_deep_sleep(machine: Machine, word: str = "1") -> None:
    for cpu in range(machine.chip.cpu_count):
        put(machine, f"{CPU}/cpu{cpu}/cpuidle/state1/disable", word)


def idle_w(machine: Machine, seconds: int = 20) -> float:
    machine.advance(machine.now_ns + seconds * S)
    return machine.history.last.power_w


def test_a_core_that_may_not_sleep_deeply_leaks() -> None:
    machine = Machine(load("pixel-6"), 0)
    before_w = idle_w(machine)
    forbid_deep_sleep(machine)
    hindered_w = idle_w(machine)
    leak_w = sum(power.leak_w[0] for power in machine.chip.power)
    assert before_w + 0.2 * leak_w < hindered_w < before_w + 0.9 * leak_w
    forbid_deep_sleep(machine, "0")
    assert idle_w(machine) == pytest.approx(before_w, rel=2e-3)


def test_a_busy_core_does_not_care() -> None:
    powers = []
    for is_forbidden in (False, True):
        machine = Machine(load("pixel-6"), 0)
        machine.start_lane(0, RESNET50, LaneSettings(threads=2, mask=0xC0), 0, seed=1)
        if is_forbidden:
            for cpu in (6, 7):
                put(machine, f"{CPU}/cpu{cpu}/cpuidle/state1/disable", "1")
        powers.append(idle_w(machine, 3))
    assert powers[0] == pytest.approx(powers[1], rel=1e-6)


def test_time_is_counted_in_the_state_that_was_allowed() -> None:
    machine = Machine(load("pixel-6"), 0)
    machine.advance(10 * S)
    forbid_deep_sleep(machine)
    machine.advance(14 * S)
    states = [int(get(machine, f"{CPU}/cpu6/cpuidle/state{state}/time")) for state in (0, 1)]
    assert states == [pytest.approx(4e6, rel=0.05), pytest.approx(10e6, rel=0.05)]
    assert get(machine, f"{CPU}/cpu6/cpuidle/state1/name") == "cpu-hera-sleep"


def test_a_reboot_allows_everything_again() -> None:
    machine = Machine(load("pixel-6"), 0)
    machine.advance(S)
    forbid_deep_sleep(machine)
    machine.forget_settings()
    assert get(machine, f"{CPU}/cpu6/cpuidle/state1/disable") == "0"


def test_nonsense_is_refused() -> None:
    machine = Machine(load("pixel-6"), 0)
    with pytest.raises(OSError, match="Invalid argument"):
        put(machine, f"{CPU}/cpu6/cpuidle/state1/disable", "yes")
