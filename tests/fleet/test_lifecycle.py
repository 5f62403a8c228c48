"""The state tables: every way a run or a device may go, and how each error ends a run."""

import pytest

from benchmarks.safety import SafetyStop
from devices.errors import StableDeviceError, TransientDeviceError, WorkloadError
from fleet.lifecycle import device, run
from fleet.lifecycle.run import Cancelled, PhaseTimeout, WorkerStopping, ending_of


def test_every_state_of_a_run_has_its_row() -> None:
    assert set(run.STEPS) == set(run.State)


def test_what_has_ended_never_changes() -> None:
    assert all(not run.STEPS[state] for state in run.ENDED)


def test_every_run_can_reach_an_ending_from_everywhere() -> None:
    for start in run.State:
        reached, todo = {start}, [start]
        while todo:
            for following in run.STEPS[todo.pop()] - reached:
                reached.add(following)
                todo.append(following)
        assert reached & set(run.ENDED), start


def test_whoever_touched_a_phone_leaves_through_restoring_or_the_reaper() -> None:
    assert run.State.COMPLETED not in run.STEPS[run.State.MEASURING]
    assert run.State.ANALYZING not in run.STEPS[run.State.MEASURING]


def test_every_state_of_a_device_has_its_row_and_leads_to_idle() -> None:
    assert set(device.STEPS) == set(device.State)
    assert device.State.IDLE in device.STEPS[device.State.RUNNING]


@pytest.mark.parametrize(
    ("error", "word", "begins"),
    [
        (Cancelled("someone asked"), "cancelled", "cancelled: "),
        (WorkerStopping("stopping"), "retry", "infrastructure: "),
        (TransientDeviceError("the cable"), "retry", "infrastructure: the cable"),
        (StableDeviceError("no root"), "failed", "configuration: no root"),
        (WorkloadError("bad weights"), "failed", "benchmark: bad weights"),
        (PhaseTimeout("too long"), "failed", "timeout: "),
        (SafetyStop("battery 48 °C"), "aborted", "safety: battery 48 °C"),
        (KeyError("x"), "failed", "bug: KeyError"),
    ],
)
def test_each_error_ends_a_run_in_its_own_way(error: Exception, word: str, begins: str) -> None:
    ending = ending_of(error)
    assert ending.word == word
    assert ending.failure is not None
    assert ending.failure.startswith(begins)
