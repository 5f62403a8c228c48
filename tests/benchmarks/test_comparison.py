"""Verdicts on pairs and sets of runs whose difference is known, and how often they are wrong."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu, wilcoxon

from benchmarks.analysis import bootstrap, rank_sum, signed_rank
from benchmarks.analysis.comparison import (
    Word,
    compare_groups,
    compare_pairs,
    confirmed,
    scale_of,
    threshold_of,
)
from benchmarks.analysis.effect import Scale, detectable
from benchmarks.analysis.noise_floor import noise_floor
from tests.performance import verdicts
from tests.performance.repeats import repeated_soaks

NOISE = (0.98, 1.01, 1.0, 0.99, 1.02, 1.005, 0.995, 1.015, 0.985, 1.001)


def pairs_of(factor: float, count: int = 10) -> list[tuple[float, float]]:
    return [(100.0, 100.0 * factor * noise) for noise in NOISE[:count]]


def test_slower_by_more_than_the_threshold_is_worse() -> None:
    found = compare_pairs(pairs_of(1.08), "lower")
    assert found.word is Word.WORSE
    assert found.effect is not None
    assert found.effect.change == pytest.approx(0.08, abs=0.01)


def test_the_same_change_is_better_where_more_is_better() -> None:
    assert compare_pairs(pairs_of(1.08), "higher").word is Word.BETTER
    assert compare_pairs(pairs_of(1 / 1.08), "higher").word is Word.WORSE
    assert compare_pairs(pairs_of(1 / 1.08), "lower").word is Word.BETTER


def test_no_change_with_little_noise_is_the_same() -> None:
    assert compare_pairs(pairs_of(1.0), "lower").word is Word.SAME


def test_a_sure_change_below_the_threshold_is_not_worse() -> None:
    found = compare_pairs(pairs_of(1.02), "lower")
    assert found.word is Word.INCONCLUSIVE
    assert "below the threshold" in found.because


def test_five_pairs_can_never_tell_however_large_the_change() -> None:
    found = compare_pairs(pairs_of(3.0, count=5), "lower")
    assert found.word is Word.INCONCLUSIVE
    assert "6 are the fewest" in found.because
    assert compare_pairs(pairs_of(3.0, count=6), "lower").word is Word.WORSE


def test_without_a_pair_there_is_no_data() -> None:
    assert compare_pairs([], "lower").word is Word.NO_DATA
    assert compare_groups([], [1.0], "lower").word is Word.NO_DATA


def test_a_zero_has_no_ratio_and_is_not_guessed_at() -> None:
    found = compare_pairs([(0.0, 1.0)] * 10, "lower")
    assert (found.word, found.effect) == (Word.INCONCLUSIVE, None)


def test_degrees_and_shares_are_compared_by_difference() -> None:
    assert scale_of("peak_skin_c", "°C") is Scale.DIFFERENCE
    assert scale_of("throttled_fraction", "1") is Scale.DIFFERENCE
    assert scale_of("p50_ms", "ms") is Scale.RATIO
    assert scale_of("sustained_ratio", "1") is Scale.RATIO
    assert threshold_of("accuracy_estimate", "1") == 0.005  # not 3 % of it
    assert threshold_of("peak_skin_c", "°C") == 1.0
    warmer = [(40.0, 42.0 + noise) for noise in NOISE]
    found = compare_pairs(warmer, "lower", Scale.DIFFERENCE, 1.0)
    assert found.word is Word.WORSE
    assert found.effect is not None
    assert found.effect.change == pytest.approx(3.0, abs=0.02)


def test_confirmation_takes_back_what_the_second_set_does_not_say() -> None:
    worse, same = compare_pairs(pairs_of(1.08), "lower"), compare_pairs(pairs_of(1.0), "lower")
    assert confirmed(worse, worse).word is Word.WORSE
    taken_back = confirmed(worse, same)
    assert taken_back.word is Word.INCONCLUSIVE
    assert "second set of pairs says same" in taken_back.because
    assert confirmed(same, worse).word is Word.SAME


def test_unpaired_runs_need_more_than_a_difference_of_medians() -> None:
    quiet = compare_groups([100.0 * n for n in NOISE], [108.0 * n for n in NOISE], "lower")
    assert quiet.word is Word.WORSE
    assert compare_groups([100.0, 101.0, 99.0], [108.0, 109.0, 107.0], "lower").word is (
        Word.INCONCLUSIVE
    )


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-1, 1), min_size=6, max_size=14, unique_by=abs))
def test_the_paired_test_agrees_with_scipy(values: list[float]) -> None:
    differences = np.array([value for value in values if value != 0.0])
    expected = wilcoxon(differences, method="exact").pvalue
    assert signed_rank.p_value(differences) == pytest.approx(expected)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-1, 1), min_size=6, max_size=12, unique=True))
def test_an_interval_leaves_zero_out_exactly_when_p_is_below_5_percent(values: list[float]) -> None:
    differences = np.array(values)
    low, high = signed_rank.interval(differences)
    averages = (differences[:, None] + differences[None, :]) / 2
    if len({*np.abs(differences)}) < differences.size or not averages.all():
        return  # ties and zeros: the interval is the one without them
    assert (low > 0 or high < 0) == (signed_rank.p_value(differences) < 0.05)


def test_the_unpaired_interval_leaves_zero_out_exactly_when_p_is_below_5_percent() -> None:
    rng = np.random.default_rng(5)
    seen = set()
    for shift in np.linspace(0, 2, 60):
        reference, candidate = rng.normal(size=7), rng.normal(shift, size=8)
        low, high = rank_sum.interval(reference, candidate)
        p = mannwhitneyu(candidate, reference, method="exact").pvalue
        assert (low > 0 or high < 0) == (p < 0.05)
        seen.add(p < 0.05)
    assert seen == {True, False}


def test_what_could_have_been_detected_is_what_the_formula_gives() -> None:
    for pairs, factor in ((6, 1.42), (8, 1.15), (10, 0.99), (15, 0.78), (20, 0.66)):
        assert detectable(1.0, pairs) == pytest.approx(factor, abs=0.006)
    assert detectable(0.03, 1) is None


def test_a_noise_floor_needs_twelve_runs_and_sees_no_trend() -> None:
    assert noise_floor([100.0] * 11) is None
    drifting = [100 * 1.01**run for run in range(20)]
    assert noise_floor(drifting) == pytest.approx(math.log(1.01))
    found = compare_pairs(pairs_of(1.0), "lower", floor=0.03)
    assert found.detectable == pytest.approx(0.0298, abs=0.0002)


def test_the_same_pairs_give_the_same_bootstrap_interval() -> None:
    differences = np.log(np.array(NOISE))
    assert bootstrap.paired_interval(differences) == bootstrap.paired_interval(differences)


def test_a_resample_needs_at_least_two_runs() -> None:
    assert bootstrap.paired_interval(np.array([0.1])) == (-np.inf, np.inf)
    assert bootstrap.unpaired_interval(np.array([0.1]), np.array([0.2, 0.3])) == (-np.inf, np.inf)


@pytest.fixture(scope="module")
def pool() -> verdicts.Pool:
    """Soaks of one virtual phone, repeated in a room that wanders."""
    return verdicts.Pool(np.log(repeated_soaks("honor-v30-pro", 20, soak_s=400)))


def test_soaks_of_the_same_thing_are_rarely_called_different(pool: verdicts.Pool) -> None:
    assert verdicts.decided(pool, 100) <= 7
    assert verdicts.decided(pool.scaled_to(0.03), 100) <= 7


def test_a_slow_down_above_the_threshold_is_nearly_always_found(pool: verdicts.Pool) -> None:
    assert verdicts.decided(pool.scaled_to(0.03), 100, slow_down=0.05) >= 88


def test_an_interval_that_forgets_the_pairs_covers_far_too_much(pool: verdicts.Pool) -> None:
    other = verdicts.Pool(pool.logs + math.log(0.25))  # a phone four times as fast
    kept = verdicts.mixed_coverage([pool, other], verdicts.exact_interval, 300)
    ignored = verdicts.mixed_coverage([pool, other], verdicts.unpaired_interval, 300)
    assert 0.92 <= kept <= 0.98
    assert ignored > 0.99


@pytest.mark.nightly
@pytest.mark.timeout(1200)
def test_every_figure_is_in_its_range_and_every_control_is_out_of_it() -> None:
    missed = [row for row in verdicts.figures(fast=False) if not row.is_as_it_should_be]
    assert missed == []
