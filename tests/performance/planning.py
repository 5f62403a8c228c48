"""How long the balancer plans: 100 operators at 60 pairs of clocks, none of them merged."""

import numpy as np

from benchmarks.policies.dvfs.profile_table import Actuation, ProfileTable
from benchmarks.policies.dvfs.schedule import Schedule
from benchmarks.policies.dvfs.segments import merge
from devices.clock import HOST, NS_PER_S
from tests.performance.figures import Figure, median

OPERATORS, CORES, MEMORY = 100, 10, 6
ROUNDS = 9
TARGET_S = 0.2
SLACKS = (1.1, 1.5, 3.0)


def measure() -> list[Figure]:
    """Plan at several slacks, each from nothing."""
    table = _table(seed=1)
    assert len(merge(table, Actuation())) == OPERATORS
    took = []
    for number in range(ROUNDS):
        began_ns = HOST.now_ns()
        Schedule(table, table.race_s * SLACKS[number % len(SLACKS)], Actuation(), margin=0.05)
        took.append((HOST.now_ns() - began_ns) / NS_PER_S)
    name = f"planning {OPERATORS} operators at {CORES * MEMORY} points"
    ours = f"{median(took) * 1000:.0f} ms"
    return [Figure(name, ours, "", median(took), "s", TARGET_S, rounds=tuple(took))]


def _table(seed: int) -> ProfileTable:
    """Return operators of 10 to 100 ms, some of the cores, some of the memory."""
    draw = np.random.default_rng(seed)
    core = np.linspace(0.15, 1.0, CORES)[None, :, None]
    memory = np.linspace(0.1, 1.0, MEMORY)[None, None, :]
    compute_s = draw.uniform(0.01, 0.1, OPERATORS)[:, None, None] / core
    move_s = draw.uniform(0.001, 0.1, OPERATORS)[:, None, None] / memory
    time_s = np.maximum(compute_s, move_s) + 0.3 * np.minimum(compute_s, move_s)
    energy_j = (0.3 + 2.0 * core**3 + 0.6 * memory**2) * time_s
    shape = (OPERATORS, CORES * MEMORY)
    return ProfileTable(
        tuple(f"op{k}" for k in range(OPERATORS)),
        tuple(range(1, CORES + 1)),
        tuple(range(1, MEMORY + 1)),
        time_s.reshape(shape),
        energy_j.reshape(shape),
        0.1,
    )
