"""Lanes that share a phone's time by turns."""

import pytest

from devices.virtual.catalog import load
from devices.virtual.kernel.lane import NS, LaneSettings
from devices.virtual.kernel.machine import Machine
from devices.virtual.kernel.reference import RESNET50


def counts(*lanes: LaneSettings, seconds: int = 30) -> list[int]:
    """Return how many inferences each lane completes beside the others."""
    machine = Machine(load("honor-v30-pro"), 0)
    for number, settings in enumerate(lanes):
        machine.start_lane(number, RESNET50, settings, 0, seed=1)
    machine.advance(seconds * NS)
    done = machine.take_inferences()
    return [sum(inference.lane == number for inference in done) for number in range(len(lanes))]


def test_each_lane_gets_its_share_and_nothing_is_lost() -> None:
    (alone,) = counts(LaneSettings(threads=2))
    three, one = counts(LaneSettings(threads=2, share=0.75), LaneSettings(threads=2, share=0.25))
    assert three / (three + one) == pytest.approx(0.75, abs=0.03)
    assert three + one == pytest.approx(alone, rel=0.03)


def test_lanes_that_take_turns_keep_their_cores_busy_all_the_time() -> None:
    machine = Machine(load("honor-v30-pro"), 0)
    for number in range(3):
        machine.start_lane(number, RESNET50, LaneSettings(threads=2, share=0.33), 0, seed=1)
    machine.advance(10 * NS)
    assert max(machine.moment.busy) == pytest.approx(1.0, abs=0.02)


def test_turns_that_nobody_takes_go_to_the_others() -> None:
    (alone,) = counts(LaneSettings(threads=2))
    (small,) = counts(LaneSettings(threads=2, share=0.1))
    assert small == pytest.approx(alone, rel=0.01)


def test_without_shares_lanes_run_at_the_same_time() -> None:
    """Negative control: what makes the counts differ above is the share."""
    first, second = counts(LaneSettings(threads=2), LaneSettings(threads=2))
    assert first == pytest.approx(second, rel=0.35)
