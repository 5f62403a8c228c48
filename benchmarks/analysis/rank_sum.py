"""Two sets of runs: the exact Mann–Whitney interval of their shift.

References:
    H. B. Mann, D. R. Whitney (1947), On a test of whether one of two random variables is
    stochastically larger than the other.
"""

from functools import lru_cache

import numpy as np

from benchmarks.analysis.effect import CONFIDENCE
from benchmarks.trace import Floats

FEWEST_RUNS = 4  # per side: three against three reach p = 0.1 at best


def estimate(reference: Floats, candidate: Floats) -> float:
    """Return the Hodges–Lehmann shift: the median of all differences across the sides."""
    return float(np.median(_differences(reference, candidate)))


def interval(
    reference: Floats, candidate: Floats, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """Return the exact interval of the shift; infinite where there are too few runs."""
    differences = _differences(reference, candidate)
    skipped = _skipped(reference.size, candidate.size, confidence)
    if skipped == 0:
        return -np.inf, np.inf
    return float(differences[skipped - 1]), float(differences[-skipped])


def p_value(reference: Floats, candidate: Floats) -> float:
    """Return the two-sided probability: exact without ties, else SciPy's approximation."""
    # Half a second that every process which only might compare need not pay at its start.
    from scipy.stats import mannwhitneyu

    return float(mannwhitneyu(candidate, reference, alternative="two-sided").pvalue)


def _differences(reference: Floats, candidate: Floats) -> Floats:
    return np.sort((candidate[None, :] - reference[:, None]).ravel())


@lru_cache(maxsize=256)
def _skipped(runs: int, others: int, confidence: float) -> int:
    counts = _distribution(runs, others)
    below = np.cumsum(counts) / counts.sum()
    return int(np.searchsorted(below, (1 - confidence) / 2, side="right"))


@lru_cache(maxsize=1024)
def _distribution(runs: int, others: int) -> Floats:
    """Return in how many orders of the runs U is 0, 1, 2 …: Mann and Whitney's recursion."""
    if runs == 0 or others == 0:
        return np.ones(1)
    counts = np.zeros(runs * others + 1)
    with_last = _distribution(runs - 1, others)  # the largest is one of the runs
    counts[others : others + with_last.size] += with_last
    without = _distribution(runs, others - 1)
    counts[: without.size] += without
    return counts
