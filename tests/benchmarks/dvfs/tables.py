"""Small profile tables for the tests of clocks inside an inference."""

import numpy as np

from benchmarks.policies.dvfs.profile_table import ProfileTable

NEVER_LATE_S = 60.0


def toy(
    computes: list[float],
    moves: list[float],
    *,
    cores: int = 3,
    memory: int = 2,
    idle_w: float = 0.1,
) -> ProfileTable:
    """Return a table of operators that compute for so long and move for so long at full clocks.

    Power grows with the cube of the cores' clock and the square of the memory's.
    """
    core = np.linspace(0.4, 1.0, cores)[None, :, None]
    mem = np.linspace(0.5, 1.0, memory)[None, None, :] if memory > 1 else np.ones((1, 1, 1))
    a = np.array(computes)[:, None, None] / core
    b = np.array(moves)[:, None, None] / mem
    time_s = np.maximum(a, b) + 0.3 * np.minimum(a, b)
    watt = 0.3 + 2.0 * core**3 * (0.3 + 0.7 * a / time_s) + 0.6 * mem**2
    ops = len(computes)
    return ProfileTable(
        tuple(f"op{k}" for k in range(ops)),
        tuple(range(1, cores + 1)),
        tuple(range(1, memory + 1)),
        time_s.reshape(ops, -1),
        (watt * time_s).reshape(ops, -1),
        idle_w,
    )
