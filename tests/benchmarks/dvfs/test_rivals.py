"""What the balancer is measured against: each rival does what its story says."""

import numpy as np
import pytest

from benchmarks.policies.dvfs.predjoule_like import PredJouleLike
from benchmarks.policies.dvfs.profile_table import Actuation, ProfileTable
from benchmarks.policies.dvfs.scheduling import governed, race_to_idle, static_pair
from benchmarks.policies.dvfs.sysscale_like import SysScaleLike
from tests.benchmarks.dvfs.tables import toy

TABLE = toy([0.05, 0.02, 0.05], [0.004, 0.06, 0.004])


def test_racing_uses_the_top_of_both_clocks() -> None:
    assert TABLE.khz(race_to_idle(TABLE).point(0, 0.0)) == (3, 2)


def test_the_static_pair_is_the_cheapest_that_is_in_time() -> None:
    interval_s = TABLE.race_s * 1.6
    chosen = static_pair(TABLE, interval_s).point(0, 0.0)
    times_s, energies_j = TABLE.time_s.sum(axis=0), TABLE.energy_j.sum(axis=0)
    whole_j = energies_j + TABLE.idle_w * (interval_s - times_s)
    assert times_s[chosen] <= interval_s
    assert whole_j[chosen] == min(whole_j[times_s <= interval_s])
    assert static_pair(TABLE, TABLE.race_s / 2).point(0, 0.0) == TABLE.fastest


def test_the_governor_keeps_a_fifth_of_the_time_idle() -> None:
    busy = toy([0.05], [0.004], cores=13)
    interval_s = busy.race_s * 2
    point = governed(busy, interval_s).point(0, 0.0)
    assert busy.time_s[0, point] / interval_s <= 0.8
    assert governed(busy, busy.race_s).point(0, 0.0) == busy.fastest


def test_predjoule_rolls_unspent_budget_over_to_what_follows() -> None:
    policy = PredJouleLike(TABLE, TABLE.race_s * 1.5, Actuation(0.001, 0.001, 0.0))
    early_s = policy.budget_s(2, 0.05)
    late_s = policy.budget_s(2, 0.12)
    assert early_s > late_s
    assert policy.budget_s(0, 0.0) < TABLE.race_s * 1.5
    assert policy.budget_s(2, 0.05) == pytest.approx(TABLE.race_s * 1.5 - 0.05)


def test_predjoule_races_with_an_operator_that_has_no_budget_left() -> None:
    policy = PredJouleLike(TABLE, TABLE.race_s * 1.5, Actuation(0.001, 0.001, 0.0))
    assert policy.point(2, TABLE.race_s * 1.49) == TABLE.fastest


def test_sysscale_drops_the_memory_when_nothing_flows() -> None:
    policy = SysScaleLike(TABLE, TABLE.race_s * 2, low=0, low_bytes_per_s=1e9)
    fast = policy.point(0, 0.0)
    policy.tick(moved_bytes=0.0)
    assert TABLE.khz(policy.point(0, 0.0)) == (TABLE.khz(fast)[0], 1)
    policy.tick(moved_bytes=0.7 * 1e9 * policy.period_s)
    assert policy.point(0, 0.0) == fast


def test_a_table_with_a_hole_is_refused() -> None:
    with pytest.raises(ValueError, match="energy_j must be positive"):
        ProfileTable(("a",), (1,), (1,), np.ones((1, 1)), np.zeros((1, 1)), 0.1)
    with pytest.raises(ValueError, match="time_s has the shape"):
        ProfileTable(("a",), (1, 2), (1,), np.ones((1, 1)), np.ones((1, 2)), 0.1)
