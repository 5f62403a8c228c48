"""The hidden truth of every second is written, however seldom somebody has time to write."""

import io
import json

import pytest

from devices.virtual.catalog import load
from devices.virtual.kernel.lane import LaneSettings
from devices.virtual.kernel.machine import Machine
from devices.virtual.kernel.reference import RESNET50
from devices.virtual.records import Truth
from tests.devices.soaking import S

_SECONDS = 90


def _told(leap_s: int, *, follows: bool = True) -> list[dict[str, object]]:
    """Return the lines about a soak that is moved on and looked at every `leap_s` seconds."""
    machine, lines = Machine(load("honor-v30-pro"), 1), io.StringIO()
    machine.start_lane(0, RESNET50, LaneSettings(threads=2), 0, seed=1)
    truth = Truth(machine, lines)
    if not follows:
        machine.followers.clear()
    for second in range(0, _SECONDS + 1, leap_s):
        machine.advance(second * S)
        truth.follow(machine.now_ns)
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def test_whoever_comes_late_writes_the_same() -> None:
    told = _told(1)
    assert [line["t_ns"] for line in told] == [second * S for second in range(_SECONDS + 1)]
    assert _told(_SECONDS) == told


def test_whoever_does_not_follow_comes_too_late() -> None:
    with pytest.raises(AssertionError):
        assert _told(_SECONDS, follows=False) == _told(1)
