"""What a segment costs when the clocks were others before it."""

from dataclasses import dataclass

import numpy as np

from benchmarks.policies.dvfs.profile_table import Actuation, Floats, ProfileTable
from benchmarks.policies.dvfs.segments import Segments


@dataclass(frozen=True, slots=True, eq=False)
class Transitions:
    """Time and energy of each segment by the point before it and its own.

    Until a write takes effect, the segment runs at the old clock: first both are old, then the
    cores are new, at last the memory is too. Infinite energy marks what is not allowed.
    """

    time_s: Floats  # [segments, point before, point]
    energy_j: Floats  # [segments, point before, point]


def transitions(table: ProfileTable, segments: Segments, actuation: Actuation) -> Transitions:
    """Return the cost of every change of clock at every border."""
    columns = len(table.memory_khz)
    core, memory = np.divmod(np.arange(table.points), columns)
    old = np.arange(table.points)[:, None]
    new = np.arange(table.points)[None, :]
    halfway = core[None, :] * columns + memory[:, None]  # new core clock, old memory clock
    t, e = segments.time_s, segments.energy_j
    begun = np.minimum(1.0, actuation.core_s / t[:, old])
    waited = max(0.0, actuation.memory_s - actuation.core_s) / t[:, halfway]
    waited = np.minimum(1.0 - begun, waited)
    rest = 1.0 - begun - waited
    time_s = begun * t[:, old] + waited * t[:, halfway] + rest * t[:, new]
    energy_j = begun * e[:, old] + waited * e[:, halfway] + rest * e[:, new]
    changes = old != new
    time_s = time_s + actuation.stall_s * changes
    energy_j = energy_j + actuation.stall_s * changes * (e / t)[:, old]
    fixed = ~np.array(segments.frees_memory)
    energy_j[np.ix_(fixed)] += np.where(memory[:, None] != memory[None, :], np.inf, 0.0)
    return Transitions(time_s, energy_j)
