"""One formula for one phone and for many: numbers are floats, or arrays with a place per phone.

Elementwise operations round alike in both, so a phone gets the same bytes in whatever company.
"""

import math
from collections.abc import Sequence
from functools import cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Many = NDArray[np.float64]  # one number per phone
N = TypeVar("N", float, Many)
Each = tuple[N, ...]  # one per part; of many phones the rows of an array serve as well


def least(one: N, other: N | float) -> N:
    """Return the smaller one."""
    if isinstance(one, float):
        return one if one < other else other
    return np.minimum(one, other)


def most(one: N, other: float) -> N:
    """Return the larger one."""
    if isinstance(one, float):
        return one if one > other else other
    return np.maximum(one, other)


def root(square: N) -> N:
    """Return the square root."""
    return math.sqrt(square) if isinstance(square, float) else np.sqrt(square)


def total(terms: Sequence[N]) -> N:
    """Return the sum of at least one term."""
    return sum(terms[1:], terms[0])


def nearest(number: N) -> N:
    """Return the nearest whole number; the even one of two."""
    return float(round(number)) if isinstance(number, float) else np.rint(number)


def zero_from(number: N, limit: float, otherwise: N) -> N:
    """Return `otherwise` where `number` is below the limit, and 0 from there on."""
    if isinstance(number, float):
        return otherwise if number < limit else 0.0
    return np.where(number < limit, otherwise, 0.0)


def between_rows(table: tuple[float, ...], place: N) -> N:
    """Return the value at a place in a table, counted from 0, on the line between two rows."""
    if isinstance(place, float):
        row = min(int(place), len(table) - 2)
        return table[row] + (table[row + 1] - table[row]) * (place - row)
    rows = np.minimum(place.astype(np.int64), len(table) - 2)
    column = _column(table)
    low = column[rows]
    values: Many = low + (column[rows + 1] - low) * (place - rows)
    return values


@cache
def _column(table: tuple[float, ...]) -> Many:
    return np.array(table)
