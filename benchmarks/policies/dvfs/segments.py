"""Merging operators into segments that outlast the time a clock needs to change."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.policies.dvfs.profile_table import Actuation, Floats, ProfileTable

WORTH = 5.0  # a segment lasts at least so many actuation latencies [1]


@dataclass(frozen=True, slots=True, eq=False)
class Segments:
    """Runs of operators that share one pair of clocks."""

    first_op: tuple[int, ...]  # of each segment, ascending, starting at 0
    time_s: Floats  # [segments, points]
    energy_j: Floats  # [segments, points]
    frees_memory: tuple[bool, ...]  # whether the memory clock may change at the segment's start

    def __len__(self) -> int:
        return len(self.first_op)


def merge(
    table: ProfileTable,
    actuation: Actuation,
    worth: float = WORTH,
    like: ProfileTable | None = None,
) -> Segments:
    """Merge operators from the front until each segment is worth its change of clock.

    Lengths are those at the fastest point, so that no slower plan makes a segment too short. The
    memory clock is slower to change, so it may move at fewer of the borders. With `like`, borders
    are those of that table: they stay where they are while times drift.
    """
    race_s = (like or table).time_s[:, table.fastest]
    first_op = borders(race_s, worth * actuation.core_s)
    lengths_s = np.add.reduceat(race_s, first_op)
    memory_moves = set(borders(lengths_s, worth * actuation.memory_s))
    return Segments(
        tuple(first_op),
        np.add.reduceat(table.time_s, first_op, axis=0),
        np.add.reduceat(table.energy_j, first_op, axis=0),
        tuple(index in memory_moves for index in range(len(first_op))),
    )


def borders(lengths_s: NDArray[np.float64], least_s: float) -> list[int]:
    """Return where runs of at least `least_s` begin; what is left over joins the last run."""
    borders, length_s = [0], 0.0
    for index, seconds in enumerate(lengths_s):
        if index and length_s >= least_s <= float(lengths_s[index:].sum()):
            borders.append(index)
            length_s = 0.0
        length_s += float(seconds)
    return borders
