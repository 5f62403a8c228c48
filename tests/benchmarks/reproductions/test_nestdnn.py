"""NestDNN again: its table is met from the fast form, and turns red where it must."""

from itertools import pairwise

import pytest

from benchmarks.policies.tenancy.min_total import MinTotal
from benchmarks.reproductions.nestdnn import reproduce
from benchmarks.reproductions.nestdnn.churn import CHURN, draw
from benchmarks.reproductions.nestdnn.curve import Curve, sweep
from benchmarks.reproductions.nestdnn.profile import tenants
from benchmarks.reproductions.nestdnn.simulation import Score
from benchmarks.reproductions.options import Options
from benchmarks.reproductions.table import Verdict


def quietly(_what: str) -> None:
    """Tell nobody."""


def test_the_table_is_met_and_the_control_leaves_it() -> None:
    report = reproduce(Options(seed=1, fast=True), quietly)
    assert report.is_good, report.summary
    rows = [row for table in report.tables if not table.breaks for row in table.rows]
    assert sum(row.verdict is Verdict.IN for row in rows) == 35
    (control,) = (table for table in report.tables if table.breaks)
    assert [row.verdict for row in control.rows] == [Verdict.OUT]


def test_a_latency_limit_that_rewards_no_speed_gains_none() -> None:
    """Negative control: at 500 ms nothing is late, so accuracy is all that counts."""
    lazy = sweep(MinTotal, tenants(0.5), [draw(list(tenants()), 1)], (0.01, 0.1, 1.0))
    assert max(each.speedup for each in lazy.scores) < 1.0


def test_applications_come_and_go_one_at_a_time() -> None:
    timeline = draw(list(tenants()), 3)
    assert len(timeline) == 60
    assert all(CHURN.fewest <= len(present) <= CHURN.most for present in timeline)
    for before, after in pairwise(timeline):
        assert len(set(before) ^ set(after)) <= 1
    assert draw(list(tenants()), 3) == timeline != draw(list(tenants()), 4)


def test_places_on_a_curve_lie_between_its_scores() -> None:
    curve = Curve((0.1, 1.0), (Score(4.0, 1.0, 1.0), Score(-2.0, 2.0, 1.5)))
    assert curve.speedup_at_gain(1.0) == pytest.approx(1.5)
    assert curve.gain_at_speedup(1.5) == pytest.approx(1.0)
    with pytest.raises(ValueError, match=r"from -2\.00 to 4\.00 and never meets 5"):
        curve.speedup_at_gain(5.0)


def test_the_knee_is_farthest_from_the_chord() -> None:
    scores = (Score(4.0, 1.0, 1.0), Score(3.5, 1.8, 1.4), Score(0.0, 2.0, 1.5))
    alpha, knee = Curve((0.1, 0.2, 0.3), scores).knee
    assert (alpha, knee.energy_ratio) == (0.2, 1.4)
