"""What decides about clocks inside one interval, over a profile and nothing else."""

from typing import Protocol

import numpy as np

from benchmarks.policies.dvfs.profile_table import Floats, ProfileTable, interval_energy_j

GOVERNOR_HEADROOM = 1.25  # schedutil aims at a utilization of 80 % [1]


class Scheduler(Protocol):
    """Chooses a pair of clocks before each operator; remembers from interval to interval."""

    def point(self, op: int, elapsed_s: float) -> int:
        """Return the point for operator `op`, which starts `elapsed_s` after the first one."""

    def learn(self, op_s: Floats) -> None:
        """Take in how long each operator of the interval took [s]."""


class Fixed:
    """One pair of clocks for everything: racing, a user's choice, or the best static pair."""

    def __init__(self, point: int) -> None:
        self._point = point

    def point(self, op: int, elapsed_s: float) -> int:
        """Return the one point."""
        return self._point

    def learn(self, op_s: Floats) -> None:
        """Learn nothing."""


def race_to_idle(table: ProfileTable) -> Fixed:
    """Run everything at the top and wait (D2)."""
    return Fixed(table.fastest)


def static_pair(table: ProfileTable, interval_s: float, margin: float = 0.0) -> Fixed:
    """Run everything at the one pair that costs least and meets the deadline (D3).

    Where none does, it races.
    """
    time_s, energy_j = table.time_s.sum(axis=0), table.energy_j.sum(axis=0)
    fits = np.flatnonzero(time_s <= interval_s / (1.0 + margin))
    if not fits.size:
        return race_to_idle(table)
    whole_j = [
        interval_energy_j(energy_j[point], time_s[point], interval_s, table.idle_w)
        for point in fits
    ]
    return Fixed(int(fits[int(np.argmin(whole_j))]))


def governed_core(table: ProfileTable, interval_s: float, memory: int) -> int:
    """Return the core clock (by index) at which schedutil comes to rest under this load.

    It asks for 1.25 times the cycles that the interval needs; a core that is never idle is given
    the top clock.
    """
    top = len(table.core_khz) - 1
    core = top
    for _ in table.core_khz:
        busy_s = float(table.time_s[:, table.point(core, memory)].sum())
        wanted = GOVERNOR_HEADROOM * table.core_khz[core] * min(1.0, busy_s / interval_s)
        if busy_s >= interval_s:
            return top
        reached = [i for i, khz in enumerate(table.core_khz) if khz >= wanted * (1 - 1e-9)]
        settled = reached[0] if reached else top
        if settled >= core:
            return core
        core = settled
    return core


def governed(table: ProfileTable, interval_s: float) -> Fixed:
    """Leave the cores to schedutil at rest and the memory at its top (D1)."""
    memory = len(table.memory_khz) - 1
    return Fixed(table.point(governed_core(table, interval_s, memory), memory))
