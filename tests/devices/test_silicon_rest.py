"""A phone at rest: nobody is asked what he would choose again, and nothing else may differ."""

import json

import pytest

from devices.virtual.catalog import load
from devices.virtual.kernel import grid
from devices.virtual.kernel.guard import Guard
from devices.virtual.kernel.lane import NEVER, LaneSettings
from devices.virtual.kernel.machine import Machine
from devices.virtual.kernel.reference import RESNET50
from tests.devices.soaking import S, Soak, soak


def _same(one: Soak, other: Soak) -> bool:
    """Whether two soaks are the same: caps, temperatures, counters and all inferences."""
    told = [
        (
            taken.throttled,
            taken.machine.history.last.temps_c,
            [tally.ns for tally in taken.machine.counters.tallies],
            [(i.t_ns, i.lat_us, i.cpu_us, i.uj) for i in taken.inferences],
        )
        for taken in (one, other)
    ]
    return told[0] == told[1]


def _restless(monkeypatch: pytest.MonkeyPatch, phone: str, seconds: int) -> Soak:
    """Soak with everybody asked at every grid point."""
    with monkeypatch.context() as patch:
        patch.setattr(grid, "_REST_NS", NEVER)
        return soak(phone, seconds=seconds)


@pytest.mark.parametrize(("phone", "seconds"), [("honor-v30-pro", 1200), ("pixel-6", 900)])
def test_rest_changes_nothing(monkeypatch: pytest.MonkeyPatch, phone: str, seconds: int) -> None:
    resting = soak(phone, seconds=seconds)
    assert any(resting.throttled)
    assert _same(resting, _restless(monkeypatch, phone, seconds))


def test_a_phone_that_sleeps_through_its_cap_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison is not blind: here the guard caps, and tells nobody that it has looked."""
    awake = _restless(monkeypatch, "honor-v30-pro", 700)
    poll = Guard.poll
    monkeypatch.setattr(Guard, "poll", lambda *args: poll(*args) and False)
    assert not _same(soak(seconds=700), awake)


def test_a_governor_that_holds_on_for_long_is_asked_until_it_lets_go() -> None:
    """ondemand skips so many looks after a jump to the top; then it would fall."""
    machine = Machine(load("pixel-4"), 0)
    policy = machine.chip.policies[-1]
    folder = f"/sys/devices/system/cpu/cpufreq/policy{policy.cpus[0]}"
    _write(machine, f"{folder}/scaling_governor", "ondemand")
    machine.advance(S)
    _write(machine, f"{folder}/ondemand/sampling_down_factor", "400")
    machine.start_lane(0, RESNET50, LaneSettings(threads=2, n=3), machine.now_ns, seed=1)
    machine.advance(4 * S)
    assert policy.point == len(policy.khz) - 1
    machine.advance(20 * S)
    assert policy.point < len(policy.khz) - 1


def test_a_write_wakes_a_resting_phone() -> None:
    told = []
    for step_s in (1, 30):  # whoever looks meanwhile changes nothing
        machine = Machine(load("honor-v30-pro"), 3)
        machine.start_lane(0, RESNET50, LaneSettings(threads=2), 0, seed=1)
        for second in range(step_s, 61, step_s):
            machine.advance(second * S)
        machine.advance(60 * S + 234_567_890)
        policy = machine.chip.policies[-1]
        path = f"/sys/devices/system/cpu/cpufreq/policy{policy.cpus[0]}/scaling_max_freq"
        _write(machine, path, str(policy.khz[2]))
        machine.advance(62 * S)
        assert machine.moment.points[-1] == 2
        told.append(json.dumps([machine.truth(), machine.counters.busy_ns]))
    assert told[0] == told[1]


def _write(machine: Machine, path: str, word: str) -> None:
    write = machine.nodes[path].write
    assert write
    write(word.encode())
