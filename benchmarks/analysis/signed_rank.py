"""Pairs: the exact Wilcoxon signed-rank interval, which needs no shape of the noise.

References:
    F. Wilcoxon (1945), Individual comparisons by ranking methods.
    J. L. Hodges, E. L. Lehmann (1963), Estimates of location based on rank tests.
"""

from functools import lru_cache

import numpy as np

from benchmarks.analysis.effect import CONFIDENCE
from benchmarks.trace import Floats

FEWEST_PAIRS = 6  # five pairs reach p = 0.0625 at best: never an interval of 95 %


def estimate(differences: Floats) -> float:
    """Return the Hodges–Lehmann estimate: the median of all pairwise averages."""
    return float(np.median(_averages(differences)))


def interval(differences: Floats, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the exact interval of the middle; infinite where there are too few pairs."""
    averages = _averages(differences)
    skipped = _skipped(differences.size, confidence)
    if skipped == 0:
        return -np.inf, np.inf
    return float(averages[skipped - 1]), float(averages[-skipped])


def p_value(differences: Floats) -> float:
    """Return the exact two-sided probability of ranks at least so uneven without a difference.

    Ties share their ranks; the distribution is then that of those very ranks. Zeros count half
    for each side.
    """
    ranks2 = _doubled_ranks(np.abs(differences))
    total = int(ranks2.sum())
    observed = float(ranks2[differences > 0].sum()) + float(ranks2[differences == 0].sum()) / 2
    counts = _distribution(tuple(ranks2.tolist()))
    # Both tails by the distance from the middle; half a step forgives halved zeros.
    sums = np.arange(total + 1)
    extreme = np.abs(sums - total / 2) >= abs(observed - total / 2) - 1e-9
    return float(min(1.0, counts[extreme].sum() / counts.sum()))


def _averages(differences: Floats) -> Floats:
    rows, columns = np.triu_indices(differences.size)
    return np.sort((differences[rows] + differences[columns]) / 2)


@lru_cache(maxsize=256)
def _skipped(pairs: int, confidence: float) -> int:
    """Return how many averages may be left out at each end; 0 if not even one."""
    counts = _distribution(tuple(2 * rank for rank in range(1, pairs + 1)))[::2]
    below = np.cumsum(counts) / counts.sum()
    return int(np.searchsorted(below, (1 - confidence) / 2, side="right"))


@lru_cache(maxsize=256)
def _distribution(ranks2: tuple[int, ...]) -> Floats:
    """Return in how many ways the positive ranks can sum to 0, 1, 2 … (all doubled)."""
    counts = np.zeros(sum(ranks2) + 1)
    counts[0] = 1.0
    for rank in ranks2:
        counts[rank:] = counts[rank:] + counts[: counts.size - rank]
    return counts


def _doubled_ranks(sizes: Floats) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return twice the ranks, ties averaged, so that they are whole."""
    smaller = (sizes[:, None] > sizes[None, :]).sum(axis=1)
    alike = (sizes[:, None] == sizes[None, :]).sum(axis=1)
    return np.asarray(2 * smaller + alike + 1, dtype=np.int64)
