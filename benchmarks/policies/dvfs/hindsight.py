"""What a load could have cost at least, told from its end by the table of its own rehearsal."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from benchmarks.policies.dvfs.profile_table import Floats, ProfileTable, interval_energy_j
from benchmarks.policies.dvfs.schedule import Schedule
from benchmarks.policies.dvfs.segments import Segments
from benchmarks.policies.dvfs.stage import Stage
from benchmarks.policies.dvfs.told import Told
from benchmarks.policies.dvfs.transitions import Transitions, transitions


@dataclass(frozen=True, slots=True)
class Possible:
    """What could be had; energies are of a whole interval, waiting included."""

    least_j: float  # of the cheapest plan in time
    busy_s: float  # how long that plan computes
    floor_j: float  # below this is no plan at all, found or not


@dataclass(frozen=True, slots=True)
class Hindsight:
    """The oracle's word on one load."""

    possible: Possible | None  # None if nothing was in time
    own_j: float | None  # the table's word for the clocks that did run; None = nobody told them
    slowdown: float  # how long operators took over their rehearsed times [1]
    inferences: int  # that say so


def hindsight(stage: Stage, ends: Sequence[str], told: Sequence[Told]) -> Hindsight:
    """Return what the cheapest plan would have been, had one known what this load would be like.

    All single pairs and the balancer's schedule, at the times that each segment really took,
    with nothing kept back. Without root a run chooses among clusters, and so does this.

    ends: the blob that each told segment ends with, "" for the output
    """
    own_j, factors = None, np.ones(len(stage.table.ops))
    if told:
        own_j, factors = _executed(stage, _cut(stage.table, ends), told)
    weights = stage.table.time_s[:, stage.table.fastest]
    slowdown = float(np.average(factors, weights=weights))
    return Hindsight(_possible(stage, stage.table.scaled(factors)), own_j, slowdown, len(told))


def _cut(table: ProfileTable, ends: Sequence[str]) -> Segments:
    """Return the table's operators in the segments that ran."""
    first_op = (0, *(table.ops.index(end) + 1 for end in ends[:-1]))
    return Segments(
        first_op,
        np.add.reduceat(table.time_s, first_op, axis=0),
        np.add.reduceat(table.energy_j, first_op, axis=0),
        (True,) * len(first_op),
    )


def _executed(stage: Stage, segments: Segments, told: Sequence[Told]) -> tuple[float, Floats]:
    """Return the energy of what ran [J], and each operator's time over its rehearsed one [1]."""
    costs = transitions(stage.table, segments, stage.actuation)
    ratios, joules = [], []
    for one in told:
        ratio, busy_j = _one(costs, one)
        ratios.append(ratio)
        whole_j = interval_energy_j(busy_j, sum(one.seconds), stage.period_s, stage.table.idle_w)
        joules.append(whole_j)
    counts = [b - a for a, b in pairwise([*segments.first_op, len(stage.table.ops)])]
    return float(np.mean(joules)), np.repeat(np.median(ratios, axis=0), counts)


def _one(costs: Transitions, one: Told) -> tuple[Floats, float]:
    """Return one inference's times over the table's, and its energy at the table's power [J]."""
    before = (one.points[0], *one.points[:-1])
    at = (np.arange(len(one.points)), list(before), list(one.points))
    ratio: Floats = np.array(one.seconds) / costs.time_s[at]
    return ratio, float((costs.energy_j[at] * ratio).sum())


def _possible(stage: Stage, table: ProfileTable) -> Possible | None:
    """Return the cheapest plan in time; None if there is none."""
    period_s, idle_w = stage.period_s, table.idle_w
    floor_j = None
    if stage.mode == "root":
        schedule = Schedule(table, period_s, stage.actuation, like=stage.table)
        plans = [(schedule.plan.energy_j, schedule.plan.time_s)]
        floor_j = schedule.ladder.floor_j(period_s) + idle_w * period_s
    else:
        plans = list(zip(table.energy_j.sum(axis=0), table.time_s.sum(axis=0), strict=True))
    wholes = [
        (interval_energy_j(float(busy_j), float(busy_s), period_s, idle_w), float(busy_s))
        for busy_j, busy_s in plans
        if busy_s <= period_s * (1 + 1e-9)
    ]
    if not wholes:
        return None
    least_j, busy_s = min(wholes)
    return Possible(least_j, busy_s, least_j if floor_j is None else floor_j)
