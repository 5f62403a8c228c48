"""What was possible at least: a bound that nothing in its table undercuts, and only in its own."""

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.policies.base import SegmentRow
from benchmarks.policies.dvfs.hindsight import hindsight
from benchmarks.policies.dvfs.oracle import MEASURED, Oracle
from benchmarks.policies.dvfs.profile_table import ProfileTable, interval_energy_j
from benchmarks.policies.dvfs.schedule import Schedule
from benchmarks.policies.dvfs.segments import merge
from benchmarks.policies.dvfs.stage import Stage
from benchmarks.policies.dvfs.told import Gathering, Told
from benchmarks.policies.dvfs.transitions import transitions
from tests.benchmarks.dvfs.tables import toy


def stage(table: ProfileTable, slack: float = 1.5, **other: Any) -> Stage:
    found = Stage("root", "big", "f0", 2, "cluster4.set_khz", "mem.set_khz", table,
                  table.race_s * slack, "physics")  # fmt: skip
    return replace(found, **other)


def every_plan_j(on: Stage) -> list[float]:
    """Return the energy of the interval of all plans in time, by trying each of them."""
    table = on.table
    segments = merge(table, on.actuation)
    costs = transitions(table, segments, on.actuation)
    found = []
    for points in product(range(table.points), repeat=len(segments)):
        at = (np.arange(len(points)), [points[0], *points[:-1]], list(points))
        busy_s = float(costs.time_s[at].sum())
        if busy_s <= on.period_s:
            busy_j = float(costs.energy_j[at].sum())
            found.append(interval_energy_j(busy_j, busy_s, on.period_s, table.idle_w))
    return found


@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(0.03, 0.2), min_size=3, max_size=3), st.floats(0.001, 0.2),
       st.floats(1.02, 3.0), st.sampled_from([0.1, 1.0]))  # fmt: skip
def test_no_plan_of_the_table_is_below_the_floor_and_hardly_any_below_the_bound(
    computes: list[float], moves: float, slack: float, idle_w: float
) -> None:
    on = stage(toy(computes, [moves, moves / 3, 0.02], idle_w=idle_w), slack)
    best_j = min(every_plan_j(on))
    possible = hindsight(on, (), ()).possible
    assert possible is not None
    assert possible.floor_j <= best_j * (1 + 1e-9)
    assert best_j * (1 - 1e-9) <= possible.least_j <= best_j * 1.01
    assert possible.busy_s <= on.period_s * (1 + 1e-9)


TABLE = toy([0.05, 0.02, 0.04], [0.004, 0.06, 0.02])
ENDS = ("op0", "op1", "")


def told(on: Stage, point: int, factor: float) -> Told:
    """Return an inference at one pair of clocks that took `factor` of the table's times."""
    return Told((point,) * 3, tuple(float(s) * factor for s in on.table.time_s[:, point]))


def test_it_knows_how_slow_the_load_was_and_what_its_clocks_cost() -> None:
    on = stage(TABLE, 2.0)
    point = TABLE.fastest
    same = hindsight(on, ENDS, [told(on, point, 1.0)] * 3)
    slow = hindsight(on, ENDS, [told(on, point, factor) for factor in (1.2, 1.3, 9.0)])
    assert same.possible == hindsight(on, (), ()).possible
    assert (same.slowdown, slow.slowdown) == pytest.approx((1.0, 1.3))
    assert same.possible
    assert slow.possible
    assert slow.possible.least_j > same.possible.least_j * 1.1
    busy_s, busy_j = float(TABLE.time_s[:, point].sum()), float(TABLE.energy_j[:, point].sum())
    whole_j = interval_energy_j(busy_j, busy_s, on.period_s, TABLE.idle_w)
    assert same.own_j == pytest.approx(whole_j)
    assert whole_j > same.possible.least_j


def test_there_is_no_bound_where_nothing_was_in_time() -> None:
    on = stage(TABLE, 1.1)
    assert hindsight(on, ENDS, [told(on, TABLE.fastest, 1.2)]).possible is None


def test_without_root_it_chooses_among_clusters_only() -> None:
    clusters = toy([0.05, 0.02, 0.04], [0.004, 0.06, 0.02], memory=1)
    on = stage(clusters, 1.8, mode="advisory", core_knob="", memory_knob="")
    possible = hindsight(on, (), ()).possible
    assert possible is not None
    times_s = clusters.time_s.sum(axis=0)
    assert possible.busy_s == pytest.approx(max(s for s in times_s if s <= on.period_s))
    assert possible.floor_j == possible.least_j


def test_its_plan_keeps_nothing_back_and_says_what_it_stands_on() -> None:
    on = stage(TABLE)
    plan = Oracle().planned(on)
    possible = hindsight(on, (), ()).possible
    assert possible is not None
    assert plan.budget_s == on.period_s
    assert plan.facts["margin"] == 0.0
    assert plan.facts["predicted_uj"] == round(possible.least_j * 1e6)
    assert plan.facts["note"] == MEASURED
    cautious = Schedule(TABLE, on.period_s, on.actuation, margin=0.05).plan
    whole_j = interval_energy_j(cautious.energy_j, cautious.time_s, on.period_s, TABLE.idle_w)
    assert possible.least_j <= whole_j


def test_a_plan_made_of_wrong_energies_is_no_bound() -> None:
    """The same clocks, each with the energy of the pair at the other end of the table."""
    on = stage(TABLE, 2.0)
    wrong = replace(TABLE, energy_j=TABLE.energy_j[:, ::-1].copy())
    plan = Schedule(wrong, on.period_s, on.actuation).plan
    costs = transitions(TABLE, merge(TABLE, on.actuation), on.actuation)
    points = plan.points
    at = (np.arange(len(points)), [points[0], *points[:-1]], list(points))
    truly_j = interval_energy_j(
        float(costs.energy_j[at].sum()), plan.time_s, on.period_s, TABLE.idle_w
    )
    possible = hindsight(on, (), ()).possible
    assert possible is not None
    assert truly_j > possible.least_j * 1.2


def test_an_inference_with_a_gap_or_at_foreign_clocks_says_nothing() -> None:
    on = stage(TABLE)

    def fed(numbers: list[int], core: int = 2) -> list[Told | None]:
        gathering = Gathering(on, 3)
        return [gathering.add(SegmentRow(7, number, 0.05, core, 1)) for number in numbers]

    assert fed([0, 1, 2]) == [None, None, Told((2, 2, 2), (0.05, 0.05, 0.05))]
    assert fed([0, 2, 1]) == fed([1, 2, 0]) == [None] * 3
    assert fed([0, 1, 2], core=1_800_000) == [None] * 3
    assert fed([0, 0, 1, 2])[-1] is not None
