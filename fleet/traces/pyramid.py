"""The min/max pyramid: smallest and largest value of 64 rows, of 256, of 1,024 and so on.

Buckets sit on multiples of their size in rows; the last one may be shorter and is kept, so that
no spike is ever lost. A bucket of nulls alone is null.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from fleet.traces import blocks
from fleet.traces.planes import Ints, Mask

BUCKET = 64  # rows of a bucket of level 1
FACTOR = 4  # buckets of one level that make one of the next
SEGMENT = 16_384  # buckets per stored row
FEWEST = 4_000  # buckets that a level needs to get another one above it

_SMALLEST, _LARGEST = np.iinfo(np.int64).min, np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True, eq=False)
class Buckets:
    """Consecutive buckets of some channels of one clock group."""

    clock: Ints  # [buckets], time of each bucket's first row [µs]
    low: Ints  # [channels, buckets]
    high: Ints  # [channels, buckets]
    valid: Mask  # [channels, buckets]

    @property
    def count(self) -> int:
        """The number of buckets."""
        return int(self.clock.shape[0])

    def __getitem__(self, part: slice) -> "Buckets":
        """Return some of the buckets."""
        return Buckets(self.clock[part], self.low[:, part], self.high[:, part], self.valid[:, part])


def rows(clock: Ints, values: Ints, valid: Mask) -> Buckets:
    """Return buckets of one row each. `values`, `valid` [channels, rows]"""
    return Buckets(clock, values, values, valid)


def merge(fine: Buckets, size: int) -> Buckets:
    """Return buckets that each hold `size` of the given ones; the last may hold fewer."""
    starts = np.arange(0, fine.count, size)
    low, high = fine.low, fine.high
    if not fine.valid.all():
        low = np.where(fine.valid, low, _LARGEST)
        high = np.where(fine.valid, high, _SMALLEST)
    valid: Mask = np.logical_or.reduceat(fine.valid, starts, axis=1)
    low = np.minimum.reduceat(low, starts, axis=1)
    high = np.maximum.reduceat(high, starts, axis=1)
    return Buckets(fine.clock[starts], np.where(valid, low, 0), np.where(valid, high, 0), valid)


def join(parts: list[Buckets]) -> Buckets:
    """Return the buckets of all parts, one after another; there must be at least one part."""
    if len(parts) == 1:
        return parts[0]
    return Buckets(
        np.concatenate([part.clock for part in parts]),
        np.concatenate([part.low for part in parts], axis=1),
        np.concatenate([part.high for part in parts], axis=1),
        np.concatenate([part.valid for part in parts], axis=1),
    )


def rows_per_bucket(level: int) -> int:
    """Return how many rows a full bucket of `level` covers; level 0 is the rows themselves."""
    return BUCKET * FACTOR ** (level - 1) if level else 1


def coarsest(count: int, buckets: int) -> int:
    """Return the coarsest level with at least so many buckets over `count` rows, or 0."""
    level = 0
    while (size := rows_per_bucket(level + 1)) <= count and -(-count // size) >= buckets:
        level += 1
    return level


def encode(buckets: Buckets) -> Iterator[tuple[int, bytes]]:
    """Yield what is stored per channel: 0 is a block of the clock, others of smallest and largest.

    A bucket of nulls alone is null in both.
    """
    yield 0, blocks.encode(buckets.clock[None, :])
    for at in range(buckets.low.shape[0]):
        extremes = np.stack([buckets.low[at], buckets.high[at]])
        yield at + 1, blocks.encode(extremes, np.stack([buckets.valid[at]] * 2))


def decode(stored: Iterable[tuple[int, bytes]]) -> Buckets:
    """Undo `encode`: (channel, block) by channel and then by segment, the clock first."""
    columns: dict[int, list[tuple[Ints, Mask]]] = defaultdict(list)
    for channel, data in stored:
        columns[channel].append(blocks.decode(data))
    clock = np.concatenate([values[0] for values, _ in columns.pop(0)])
    tables = [np.concatenate([v for v, _ in parts], axis=1) for parts in columns.values()]
    valid = [np.concatenate([ok[0] for _, ok in parts]) for parts in columns.values()]
    both = np.stack(tables)
    return Buckets(clock, both[:, 0], both[:, 1], np.stack(valid))
