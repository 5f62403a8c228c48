"""How often a comparison is wrong: `python -m tests.performance.verdicts [--fast]`.

Noise comes from soaks repeated on virtual phones (`repeats.py`). A comparison draws five ABBA
blocks of four neighboring runs each, and which side is the reference is a coin's choice.
"""

import argparse
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.analysis import bootstrap, rank_sum, signed_rank
from benchmarks.analysis.comparison import Word, compare_pairs
from benchmarks.trace import Floats
from tests.performance.repeats import repeated_soaks, rested_pairs

PHONES = ("honor-v30-pro", "pixel-6")
COMPARISONS = 400
BLOCKS = 5  # of two pairs each
SLOW_DOWN = 0.05
NOISE = 0.03  # standard deviation of the differences of pairs, where it is set
SEED = 20_260_101

Pairs = Floats  # [pairs, 2]: logarithm of reference and candidate
Interval = Callable[[Pairs], tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the report."""

    name: str
    value: float
    accept: str
    is_met: bool
    is_control: bool = False  # must miss

    @property
    def is_as_it_should_be(self) -> bool:
        """Whether a figure is met, and a negative control is not."""
        return self.is_met != self.is_control


@dataclass(frozen=True, slots=True)
class Pool:
    """Runs of one phone, repeated, to draw ABBA blocks from."""

    logs: Floats  # logarithms of the runs' metric, in their order

    @property
    def pair_noise(self) -> float:
        """Standard deviation of the differences of neighboring runs."""
        return float(np.std(np.diff(self.logs)))

    def scaled_to(self, noise: float) -> "Pool":
        """Return the same runs, spread so that neighbors differ by `noise`."""
        center = self.logs.mean()
        return Pool(center + (self.logs - center) * noise / self.pair_noise)

    def draw(self, rng: np.random.Generator, blocks: int = BLOCKS) -> Pairs:
        """Return the pairs of some ABBA blocks."""
        starts = rng.integers(0, self.logs.size - 3, blocks)
        runs = self.logs[starts[:, None] + np.arange(4)]  # A B B A
        pairs = np.stack([runs[:, [0, 1]], runs[:, [3, 2]]], axis=1).reshape(-1, 2)
        return pairs[:, ::-1] if rng.integers(2) else pairs


def main() -> None:
    """Print the figures; exit 1 if one misses its range, or a control does not."""
    parser = argparse.ArgumentParser(prog="python -m tests.performance.verdicts")
    parser.add_argument("--fast", action="store_true", help="fewer runs, one phone")
    rows = figures(fast=parser.parse_args().fast)
    for row in rows:
        mark = "" if row.is_as_it_should_be else "  MISSED"
        control = " (control: must miss)" if row.is_control else ""
        print(f"{row.name:66} {row.value:8.4g}  {row.accept}{control}{mark}")
    raise SystemExit(not all(row.is_as_it_should_be for row in rows))


def figures(*, fast: bool) -> list[Row]:
    """Return all lines; the fast form draws from fewer runs of one phone."""
    pools = [Pool(np.log(repeated_soaks("honor-v30-pro", 40)))] if fast else _full_pools()
    rows = [row for pool in pools for row in _of_pool(pool, COMPARISONS)]
    return rows if fast else [*rows, *_controls(pools)]


def _full_pools() -> list[Pool]:
    return [Pool(np.log(repeated_soaks(phone, 240))) for phone in PHONES]


def _of_pool(pool: Pool, comparisons: int) -> list[Row]:
    noise = pool.pair_noise
    alarms = decided(pool, comparisons)
    loud = pool.scaled_to(NOISE)
    loud_alarms = decided(loud, comparisons)
    found = decided(loud, comparisons, slow_down=SLOW_DOWN) / comparisons
    exact = coverage(pool, exact_interval, comparisons)
    shown = coverage(pool, bootstrap_interval, comparisons)
    return [
        Row(f"A/A at the runs' own noise, s = {noise:.2%}: better or worse", *_at_most(alarms)),
        Row(f"A/A at s = {NOISE:.0%}: better or worse", *_at_most(loud_alarms)),
        Row(f"{SLOW_DOWN:.0%} slower at s = {NOISE:.0%}: worse", found, "≥ 0.90", found >= 0.9),
        Row("coverage of the exact interval", *_covered(exact)),
        Row("coverage of the bootstrap interval", *_covered(shown)),
    ]


def _at_most(alarms: int, limit: int = 28) -> tuple[float, str, bool]:
    return alarms, f"≤ {limit} of {COMPARISONS}", alarms <= limit


def _covered(share: float) -> tuple[float, str, bool]:
    return share, "0.93 – 0.97", 0.93 <= share <= 0.97


def _controls(pools: list[Pool]) -> list[Row]:
    """Return what happens without pairs, without turning the order, and with too few draws."""
    ignored = mixed_coverage(pools, unpaired_interval, COMPARISONS)
    kept = mixed_coverage(pools, exact_interval, COMPARISONS)
    fixed = _rested_coverage(turned=False)
    turned = _rested_coverage(turned=True)
    return [
        Row("ten pairs on two phones: coverage of the paired interval", *_covered(kept)),
        Row("the same as if they were no pairs", *_covered(ignored), is_control=True),
        Row(
            "second run warmer, order turned (ABBA): covers at least",
            turned,
            "≥ 0.93",
            turned >= 0.93,
        ),
        Row("the same in the order AB AB AB …", *_covered(fixed), is_control=True),
    ]


def decided(pool: Pool, comparisons: int, slow_down: float = 0.0) -> int:
    """Return how many comparisons say better or worse; with a slow-down, how many say worse."""
    rng = np.random.default_rng(SEED)
    wanted = {Word.WORSE} if slow_down else {Word.WORSE, Word.BETTER}
    change = np.array([0.0, math.log1p(slow_down)])
    words = [
        compare_pairs([(a, b) for a, b in np.exp(pool.draw(rng) + change)], "lower").word
        for _ in range(comparisons)
    ]
    return sum(word in wanted for word in words)


def coverage(pool: Pool, interval: Interval, comparisons: int) -> float:
    """Return how often the interval of an A/A comparison holds zero."""
    rng = np.random.default_rng(SEED + 1)
    return _share_with_zero([interval(pool.draw(rng)) for _ in range(comparisons)])


def mixed_coverage(pools: list[Pool], interval: Interval, comparisons: int) -> float:
    """Return the same for pairs of which half are of another phone: pairs are much alike."""
    rng = np.random.default_rng(SEED + 2)
    drawn = [
        interval(np.concatenate([pools[0].draw(rng, 2), pools[1].draw(rng, 3)]))
        for _ in range(comparisons)
    ]
    return _share_with_zero(drawn)


def _rested_coverage(*, turned: bool) -> float:
    """Return the coverage where the second run of each pair starts from a warm phone."""
    runs = np.log(rested_pairs("honor-v30-pro", 30))
    rng = np.random.default_rng(SEED + 3)
    intervals = []
    for _ in range(COMPARISONS):
        pairs = runs[rng.integers(0, len(runs), 2 * BLOCKS)]
        if turned:
            pairs[1::2] = pairs[1::2, ::-1]
        intervals.append(exact_interval(pairs))
    return _share_with_zero(intervals)


def _share_with_zero(intervals: list[tuple[float, float]]) -> float:
    return sum(low <= 0 <= high for low, high in intervals) / len(intervals)


def exact_interval(pairs: Pairs) -> tuple[float, float]:
    """Return the signed-rank interval."""
    return signed_rank.interval(pairs[:, 1] - pairs[:, 0])


def bootstrap_interval(pairs: Pairs) -> tuple[float, float]:
    """Return the interval that the report shows beside it."""
    return bootstrap.paired_interval(pairs[:, 1] - pairs[:, 0])


def unpaired_interval(pairs: Pairs) -> tuple[float, float]:
    """Return an interval that forgets which runs belong together."""
    return rank_sum.interval(pairs[:, 0], pairs[:, 1])


if __name__ == "__main__":
    main()
