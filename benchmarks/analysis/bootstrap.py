"""The bootstrap interval that a report shows beside the exact one.

Notes:
    Studentized and symmetric (Hall's symmetric bootstrap-t): each resample is measured in its own
    standard error, so ten pairs get the width they need; percentiles of ten resampled pairs would
    cover about 90 %, not 95 %. Both ends lie equally far from the mean, which is what differences
    of pairs in turned order do.
    Pairs are resampled whole, since what two runs of a pair share is no noise of their difference.

References:
    P. Hall (1988), On symmetric bootstrap confidence intervals.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from benchmarks.analysis.effect import CONFIDENCE
from benchmarks.trace import Floats

RESAMPLES = 10_000
SEED = 20_220_621  # stored with every report: the same pairs give the same interval


def paired_interval(differences: Floats, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the interval of the mean difference of pairs, on their scale."""
    count = differences.size
    if count < 2 or np.ptp(differences) == 0:
        middle = float(differences.mean()) if count else np.nan
        return (middle, middle) if count > 1 else (-np.inf, np.inf)
    drawn = differences[_draws(count, 0)]
    return _studentized(
        float(differences.mean()),
        float(differences.std(ddof=1)) / np.sqrt(count),
        drawn.mean(axis=1),
        drawn.std(axis=1, ddof=1) / np.sqrt(count),
        confidence,
    )


def unpaired_interval(
    reference: Floats, candidate: Floats, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """Return the interval of the difference of the means of two sides, on their scale."""
    if min(reference.size, candidate.size) < 2:
        return -np.inf, np.inf
    sides = [reference[_draws(reference.size, 1)], candidate[_draws(candidate.size, 2)]]
    errors = [_squared_error(side) for side in sides]
    return _studentized(
        float(candidate.mean() - reference.mean()),
        float(np.sqrt(_squared_error(reference) + _squared_error(candidate))),
        sides[1].mean(axis=1) - sides[0].mean(axis=1),
        np.sqrt(errors[0] + errors[1]),
        confidence,
    )


def _squared_error(side: Floats) -> Floats:
    squared: Floats = side.var(axis=-1, ddof=1) / side.shape[-1]
    return squared


def _studentized(
    estimate: float, error: float, drawn: Floats, drawn_errors: Floats, confidence: float
) -> tuple[float, float]:
    usable = drawn_errors > 1e-12  # a resample of one pair over and over has no error
    pivots = np.abs(drawn[usable] - estimate) / drawn_errors[usable]
    reach = float(np.quantile(pivots, confidence)) * error
    return estimate - reach, estimate + reach


@lru_cache(maxsize=32)
def _draws(count: int, stream: int) -> NDArray[np.int64]:
    return np.random.default_rng((SEED, stream)).integers(0, count, (RESAMPLES, count))
