"""The same soak over and over on a virtual phone, in process: the noise that verdicts live with."""

from collections.abc import Iterator
from functools import cache

import numpy as np

from benchmarks.trace import Floats
from devices.virtual.catalog import load
from devices.virtual.kernel.lane import LaneSettings
from devices.virtual.kernel.machine import Machine
from devices.virtual.kernel.reference import RESNET50
from devices.virtual.physics.noise import normal

S = 1_000_000_000
ROOM_C = 22.0
ROOM_STEP_C = 0.3  # how far the room wanders from one run to the next
ROOM_RETURN = 0.06  # of its distance to 22 °C, per run
WARM_UP_RUNS = 4  # the first ones start from a phone that rested for ever


@cache
def repeated_soaks(
    phone: str, runs: int, soak_s: int = 600, pause_s: int = 300, seed: int = 3
) -> Floats:
    """Return the mean latency of each of `runs` soaks, one after the other [s].

    The phone throttles, rests, and is still a little warm when the next one starts, in a room that
    is never the same: nothing here is drawn from a distribution of latencies.
    """
    means = _soaks(Machine(load(phone), seed), seed, soak_s, pause_s)
    return np.array([next(means) for _ in range(WARM_UP_RUNS + runs)][WARM_UP_RUNS:])


@cache
def rested_pairs(phone: str, pairs: int, soak_s: int = 600) -> Floats:
    """Return mean latencies [pairs, 2] where the first run starts cold and the second warm [s]."""
    found = []
    for seed in range(pairs):
        means = _soaks(Machine(load(phone), seed), seed, soak_s, pause_s=120)
        found.append([next(means), next(means)])
    return np.array(found)


def _soaks(machine: Machine, seed: int, soak_s: int, pause_s: int) -> Iterator[float]:
    room_c, run = ROOM_C, 0
    while True:
        room_c += ROOM_RETURN * (ROOM_C - room_c) + ROOM_STEP_C * normal(seed, run)
        machine.set_ambient(room_c)
        machine.start_lane(0, RESNET50, LaneSettings(threads=2), machine.now_ns, seed=run)
        machine.advance(machine.now_ns + soak_s * S)
        machine.stop_lane(0, machine.now_ns)
        yield float(np.mean([inference.lat_us for inference in machine.take_inferences()])) * 1e-6
        machine.advance(machine.now_ns + pause_s * S)
        run += 1
