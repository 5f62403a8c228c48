"""The same ten minutes of soaking, whoever looks, and how often: the same truth, byte for byte."""

import json
from random import Random

import pytest

from devices.virtual.catalog import load
from devices.virtual.kernel.lane import LaneSettings
from devices.virtual.kernel.machine import Machine
from devices.virtual.kernel.reference import RESNET50
from tests.devices.soaking import S

_SECONDS = 600
_READS = 300


def _soaked(reader: Random | None) -> bytes:
    """Soak with commands on the way; return everything there is to know at the end."""
    machine = Machine(load("pixel-6"), 11)
    machine.start_lane(0, RESNET50, LaneSettings(threads=4), 0, seed=3)
    if reader:
        paths = [path for path, node in machine.nodes.items() if node.read]
        sample = machine.sampler([info.id for info in machine.sensors()])
        for t_ns in sorted(reader.randrange(_SECONDS * S) for _ in range(_READS)):
            machine.advance(t_ns)
            for path in reader.sample(paths, 3):
                _look(machine, path)
            sample(t_ns)
            machine.truth()
    machine.advance(_SECONDS * S)
    done = machine.take_inferences()
    return json.dumps([machine.truth(), [i.end_ns for i in done], [i.uj for i in done]]).encode()


def _look(machine: Machine, path: str) -> None:
    read = machine.nodes[path].read
    assert read
    try:
        read()
    except OSError:
        return  # a file that refuses to be read is a look as well


@pytest.fixture(scope="module")
def alone() -> bytes:
    """The soak that nobody looked at."""
    return _soaked(None)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_three_hundred_extra_reads_change_no_byte_of_the_truth(seed: int, alone: bytes) -> None:
    assert _soaked(Random(seed)) == alone


def test_one_degree_of_air_changes_the_truth(alone: bytes) -> None:
    """The comparison is not blind."""
    machine = Machine(load("pixel-6"), 11)
    machine.set_ambient(23.0)
    machine.start_lane(0, RESNET50, LaneSettings(threads=4), 0, seed=3)
    machine.advance(_SECONDS * S)
    assert json.dumps(machine.truth()).encode() not in alone
