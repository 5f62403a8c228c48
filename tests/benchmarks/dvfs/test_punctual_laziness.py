"""The reconstructed balancer: exact where it can be checked, and never late on purpose."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.policies.dvfs.balancing import Balancer
from benchmarks.policies.dvfs.ladder import Ladder
from benchmarks.policies.dvfs.margin import QuantileMargin
from benchmarks.policies.dvfs.profile_table import Actuation, ProfileTable, interval_energy_j
from benchmarks.policies.dvfs.schedule import Schedule
from benchmarks.policies.dvfs.scheduling import static_pair
from benchmarks.policies.dvfs.segments import merge
from benchmarks.policies.dvfs.tails import tails
from benchmarks.policies.dvfs.transitions import transitions
from tests.benchmarks.dvfs.tables import toy

FAST = Actuation(core_s=0.0005, memory_s=0.001, stall_s=0.0001)
TOY = toy([0.05, 0.004, 0.03], [0.004, 0.06, 0.02])


def _every_plan(table: ProfileTable, actuation: Actuation) -> list[tuple[float, float]]:
    """Return net energy and time of all plans, by trying each of them."""
    segments = merge(table, actuation)
    costs = transitions(table, segments, actuation)
    plans = []
    for points in product(range(table.points), repeat=len(segments)):
        at = (np.arange(len(points)), [points[0], *points[:-1]], list(points))
        time_s = float(costs.time_s[at].sum())
        plans.append((float(costs.energy_j[at].sum()) - table.idle_w * time_s, time_s))
    return plans


@pytest.mark.parametrize("idle_w", [0.1, 1.0])  # waiting draws less than any running
@pytest.mark.parametrize("slack", [1.0, 1.05, 1.1, 1.25, 1.5, 2.0, 3.0])
def test_finds_the_best_of_all_plans_of_three_operators(slack: float, idle_w: float) -> None:
    table = toy([0.05, 0.004, 0.03], [0.004, 0.06, 0.02], idle_w=idle_w)
    budget_s = table.race_s * slack
    fitting = [net for net, time_s in _every_plan(table, FAST) if time_s <= budget_s]
    segments = merge(table, FAST)
    assert len(segments) == 3
    ladder = Ladder(transitions(table, segments, FAST), idle_w, budget_s, range(table.points))
    plan = ladder.best(budget_s)
    assert plan is not None
    assert plan.time_s <= budget_s * (1 + 1e-9)
    assert plan.energy_j - idle_w * plan.time_s == pytest.approx(min(fitting), abs=1e-12)


def test_a_price_finds_what_it_is_the_price_of() -> None:
    table = toy([0.05, 0.004, 0.03], [0.004, 0.06, 0.02], idle_w=2.0)
    costs = transitions(table, merge(table, FAST), FAST)
    for price_w in (0.01, 1.0, 100.0):
        solved = tails(costs, table.idle_w, np.array([price_w]), range(table.points))
        points = solved.path(0)
        where = (np.arange(3), [points[0], *points[:-1]], points)
        time_s = float(costs.time_s[where].sum())
        mine = float(costs.energy_j[where].sum()) + (price_w - table.idle_w) * time_s
        best = min(net + price_w * t for net, t in _every_plan(table, FAST))
        assert mine == pytest.approx(best, abs=1e-12)


_LENGTHS = st.lists(st.floats(0.006, 0.2), min_size=1, max_size=6)


@settings(max_examples=40, deadline=None)
@given(_LENGTHS, st.data(), st.floats(1.0, 3.0), st.floats(1.0, 2.0))
def test_more_slack_never_costs_more(
    computes: list[float], data: st.DataObject, slack: float, more: float
) -> None:
    sizes = st.lists(st.floats(0.001, 0.2), min_size=len(computes), max_size=len(computes))
    table = toy(computes, data.draw(sizes))
    tight = Schedule(table, table.race_s * slack, FAST).plan
    loose = Schedule(table, table.race_s * slack * more, FAST).plan
    idle_w = table.idle_w
    # Two points of allowance: the solver closes in on a budget, it does not try every plan.
    assert (
        loose.energy_j - idle_w * loose.time_s
        <= (tight.energy_j - idle_w * tight.time_s) * 1.02
    )  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(_LENGTHS, st.floats(0.001, 0.1), st.floats(1.0, 3.0))
def test_is_in_time_and_never_dearer_than_the_best_static_pair(
    computes: list[float], moves: float, slack: float
) -> None:
    table = toy(computes, [moves] * len(computes))
    interval_s = table.race_s * slack
    plan = Schedule(table, interval_s, FAST).plan
    pair = static_pair(table, interval_s).point(0, 0.0)
    pair_s, pair_j = float(table.time_s[:, pair].sum()), float(table.energy_j[:, pair].sum())
    assert plan.time_s <= interval_s * (1 + 1e-9)
    assert interval_energy_j(plan.energy_j, plan.time_s, interval_s, table.idle_w) <= (
        interval_energy_j(pair_j, pair_s, interval_s, table.idle_w) * (1 + 1e-9)
    )


def test_races_when_even_racing_is_too_slow() -> None:
    schedule = Schedule(TOY, TOY.race_s * 0.9, FAST)
    assert set(schedule.plan.points) == {TOY.fastest}


def test_merges_operators_until_they_outlast_a_change_of_clock() -> None:
    segments = merge(toy([0.002] * 10, [0.0005] * 10), Actuation())
    lengths_s = segments.time_s[:, -1]
    assert len(segments) == 3
    assert all(lengths_s >= 5 * Actuation().core_s)
    assert segments.frees_memory == (True, False, False)


def test_spends_what_an_operator_lost_from_the_tail() -> None:
    table = toy([0.05] * 6, [0.004] * 6)
    interval_s = table.race_s * 1.6
    schedule = Schedule(table, interval_s, FAST, margin=0.05)
    planned = schedule.plan.points
    on_time = schedule.resume(3, planned[2], float(schedule.planned_s[3]))
    late_s = float(schedule.planned_s[3]) + 0.3 * interval_s
    behind = schedule.resume(3, planned[2], late_s)
    assert on_time == planned[3]
    assert table.time_s[3, behind] < table.time_s[3, planned[3]]
    assert schedule.resume(5, planned[4], interval_s) == table.fastest


def test_keeps_its_plan_when_lateness_costs_no_deadline() -> None:
    table = toy([0.05] * 6, [0.004] * 6)
    schedule = Schedule(table, table.race_s * 20, FAST, margin=0.05)
    late_s = float(schedule.planned_s[5]) + 0.05 * schedule.interval_s
    assert schedule.resume(5, schedule.plan.points[4], late_s) == schedule.plan.points[5]


def test_a_thermal_clamp_takes_the_points_above_it_away() -> None:
    balancer = Balancer(TOY, TOY.race_s * 3, FAST)
    balancer.clamp(2)
    cores = {TOY.khz(point)[0] for point in balancer.schedule.plan.points}
    assert max(cores) <= 2
    late = Balancer(TOY, TOY.race_s, FAST)
    late.clamp(1)
    assert {TOY.khz(point)[0] for point in late.schedule.plan.points} == {1}


def test_learns_that_the_operators_have_become_slower() -> None:
    table = toy([0.05] * 4, [0.004] * 4)
    slower = Actuation(0.0, 0.0, 0.0)
    balancer = Balancer(table, table.race_s * 1.5, slower)
    before_s = balancer.schedule.plan.time_s
    for _ in range(60):
        points = [balancer.point(op, 0.0) for op in range(4)]
        balancer.learn(1.2 * table.time_s[np.arange(4), points])
    steady_s = float(table.time_s[np.arange(4), points].sum())
    assert balancer.schedule.plan.time_s == pytest.approx(1.2 * steady_s, rel=0.02)
    assert steady_s < before_s / 1.1


def test_the_margin_starts_at_a_guess_and_ends_at_a_quantile() -> None:
    margin = QuantileMargin()
    assert margin.value == 0.05
    for number in range(200):
        margin.learn(1.10 if number % 50 == 0 else 1.0, 1.0)
    assert margin.value == pytest.approx(0.10, abs=0.001)
    for _ in range(200):
        margin.learn(0.9, 1.0)
    assert margin.value == 0.0
