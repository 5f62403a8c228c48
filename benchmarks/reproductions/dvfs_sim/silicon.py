"""The analytic phone: two big cores with a Pixel 3a's clocks, six memory clocks, assumed power.

The list of core clocks is that of the public zTT sources; voltages and power constants are
plausible assumptions of ours, and no measurement.
"""

from collections.abc import Sequence

import numpy as np

from benchmarks.policies.dvfs.profile_table import ProfileTable
from benchmarks.reproductions.dvfs_sim.networks import Operator

CORE_GHZ = np.array(
    [0.3, 0.6528, 0.8256, 0.9792, 1.1328, 1.3632, 1.536, 1.7472, 1.8432, 1.9968]
)  # fmt: skip
MEMORY_GB_S = np.array([1.6, 3.2, 5.2, 7.8, 10.8, 14.9])
MEMORY_V = np.array([0.60, 0.62, 0.66, 0.72, 0.78, 0.85])
CORES = 2
FLOP_PER_CYCLE = 16
EFFICIENCY = 0.55
OVERLAP = 0.3  # share of the shorter of computing and moving that the longer does not hide [1]
BASE_W = 0.25
IDLE_W = 0.12


def table_of(network: Sequence[Operator]) -> ProfileTable:
    """Return time and energy of every operator at every pair of clocks."""
    gflop = np.array([op.flop for op in network])[:, None, None] / 1e9
    gbyte = np.array([op.bytes for op in network])[:, None, None] / 1e9
    ghz, gb_s, memory_v = CORE_GHZ[None, :, None], MEMORY_GB_S, MEMORY_V
    compute_s = gflop / (CORES * FLOP_PER_CYCLE * EFFICIENCY * ghz)
    memory_s = gbyte / gb_s
    longer, shorter = np.maximum(compute_s, memory_s), np.minimum(compute_s, memory_s)
    time_s = longer + OVERLAP * shorter
    busy = np.minimum(1.0, compute_s / time_s + 0.35)
    core_v = 0.58 + 0.40 * ((ghz - 0.3) / 1.7) ** 1.3
    core_w = CORES * 0.62 * core_v**2 * ghz * (0.85 * busy + 0.15) + 0.10 * core_v
    memory_w = 0.10 + 0.030 * (memory_v / 0.6) ** 2 * gb_s + 0.045 * gbyte / time_s
    energy_j = (core_w + memory_w + BASE_W) * time_s
    rows = len(network)
    return ProfileTable(
        tuple(op.name for op in network),
        tuple(round(value * 1e6) for value in CORE_GHZ),
        tuple(round(value * 1e6) for value in MEMORY_GB_S),
        time_s.reshape(rows, -1),
        energy_j.reshape(rows, -1),
        IDLE_W,
    )
