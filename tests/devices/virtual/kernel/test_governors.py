"""The cpufreq governors by their rules, worked by hand, and as a user meets them in sysfs."""

import pytest

from devices.virtual.catalog import load
from devices.virtual.kernel.cpufreq import Policy
from devices.virtual.kernel.governors import GOVERNORS, Governor, Interactive, Ondemand
from devices.virtual.kernel.lane import LaneSettings
from devices.virtual.kernel.machine import Machine
from devices.virtual.kernel.reference import RESNET50
from devices.virtual.physics.cpu import Work
from tests.devices.soaking import S
from tests.devices.virtual.kernel.files import CPUFREQ, get, put

MS = 1_000_000
KHZ = tuple(range(200_000, 2_200_000, 200_000))  # ten steps, 200 to 2000 MHz
SMALL = Work("small", RESNET50.layers[:12])  # a fifth of the network
PACED = LaneSettings(threads=1, period_us=25_000)
POLICY = f"{CPUFREQ}/policy6"


def policy(khz: int = KHZ[0]) -> Policy:
    one = Policy((0, 1), KHZ, "performance")
    one.point = KHZ.index(khz)
    return one


def follow(governor: Governor, chosen: Policy, busy: list[float], every_ms: int) -> list[int]:
    """Return the clocks [MHz] that a governor chooses while the load at each look is `busy`."""
    seen = []
    for look, share in enumerate(busy):
        chosen.observe([share, 0.0], 1.0)
        chosen.point = chosen.clamped(governor.choose(chosen, 1 * S + look * every_ms * MS))
        seen.append(KHZ[chosen.point] // 1000)
    return seen


def test_ondemand_jumps_to_the_top_and_falls_in_proportion() -> None:
    """At 1000 MHz, half busy: 200 + 0.5 · 1800 = 1100, the nearer step of 1000 and 1200 is 1200."""
    governor = Ondemand()
    seen = follow(governor, policy(1_000_000), [0.5, 0.96, 0.3, 0.0], every_ms=10)
    assert seen == [1200, 2000, 800, 200]


def test_ondemand_holds_the_top_for_its_sampling_down_factor() -> None:
    governor = Ondemand()
    governor.tunables["sampling_down_factor"] = 3
    seen = follow(governor, policy(1_000_000), [1.0, 0.1, 0.1, 0.1], every_ms=10)
    assert seen[:3] == [2000, 2000, 2000]
    assert seen[3] < 2000


def test_interactive_goes_to_hispeed_first_and_beyond_after_its_delay() -> None:
    """Above hispeed it asks for the step at which full load would be 90 %: 1111 MHz, so 1200."""
    governor = Interactive()
    governor.tunables.update(hispeed_freq=1_000_000, above_hispeed_delay=40_000)
    seen = follow(governor, policy(), [1.0, 1.0, 1.0, 1.0], every_ms=20)
    assert seen == [1000, 1000, 1200, 1200]


def test_interactive_keeps_a_clock_for_its_minimum_sample_time() -> None:
    """At 2000 MHz and 20 % load 444 MHz would do, but not before 80 ms have passed."""
    governor = Interactive()
    seen = follow(governor, policy(), [1.0, 0.2, 0.2, 0.2, 0.2], every_ms=20)
    assert seen == [2000, 2000, 2000, 2000, 600]


def test_interactive_chooses_the_clock_at_which_the_load_is_its_target() -> None:
    """70 % of 1000 MHz is 90 % of 778 MHz: the step of 800."""
    governor = Interactive()
    assert follow(governor, policy(1_000_000), [0.7], every_ms=20) == [800]


@pytest.mark.parametrize("name", ["schedutil", "ondemand", "interactive"])
def test_every_adaptive_governor_races_under_load_and_rests_without(name: str) -> None:
    machine = Machine(load("pixel-6"), 0)
    put(machine, f"{POLICY}/scaling_governor", name)
    machine.start_lane(0, RESNET50, LaneSettings(threads=2, dur_ms=3000), S, seed=1)
    machine.advance(3 * S)
    assert get(machine, f"{POLICY}/scaling_cur_freq") == "2802000"
    machine.advance(9 * S)
    assert int(get(machine, f"{POLICY}/scaling_cur_freq")) < 1_000_000


def test_a_paced_load_needs_no_top_clock_under_any_adaptive_governor() -> None:
    clocks = {}
    for name in GOVERNORS:
        machine = Machine(load("pixel-6"), 0)
        put(machine, f"{POLICY}/scaling_governor", name)
        machine.start_lane(0, SMALL, PACED, S, seed=1)
        machine.advance(5 * S)
        clocks[name] = int(get(machine, f"{POLICY}/scaling_cur_freq"))
    assert clocks["powersave"] == 500_000
    assert clocks["performance"] == 2_802_000
    for name in ("schedutil", "ondemand", "interactive"):
        assert 500_000 < clocks[name] < 2_802_000, name


def test_tunables_are_there_while_their_governor_is_and_count() -> None:
    machine = Machine(load("pixel-6"), 0)
    target = f"{POLICY}/interactive/target_loads"
    with pytest.raises(FileNotFoundError):
        get(machine, target)
    put(machine, f"{POLICY}/scaling_governor", "interactive")
    assert get(machine, target) == "90"
    machine.start_lane(0, SMALL, PACED, S, seed=1)
    machine.advance(5 * S)
    lazy = int(get(machine, f"{POLICY}/scaling_cur_freq"))
    put(machine, target, 30)
    machine.advance(9 * S)
    assert int(get(machine, f"{POLICY}/scaling_cur_freq")) > lazy
    with pytest.raises(OSError, match="Invalid argument"):
        put(machine, target, "some")


def test_the_list_of_governors_is_what_can_be_chosen() -> None:
    machine = Machine(load("pixel-6"), 0)
    listed = get(machine, f"{POLICY}/scaling_available_governors").split()
    for name in listed:
        put(machine, f"{POLICY}/scaling_governor", name)
        assert get(machine, f"{POLICY}/scaling_governor") == name
    assert set(listed) == {
        "interactive", "ondemand", "userspace", "powersave", "performance", "schedutil",
    }  # fmt: skip
