"""Noise that is a pure function of a seed and a counter, so that a run can be repeated exactly."""

import hashlib
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

_BITS = 12
_MASK, _STRIDE = 0xFFFFFFFF, 0x9E3779B1
_QUANTILES = tuple(
    NormalDist().inv_cdf((i + 0.5) / (1 << _BITS)) for i in range(1 << _BITS)
)  # [1] ascending
_TABLE = np.array(_QUANTILES)


def seed_of(*parts: int | str) -> int:
    """Mix integers and names into one 32-bit seed."""
    text = "/".join(map(str, parts)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=4).digest(), "big")


def normal(seed: int, counter: int) -> float:
    """Return draw number `counter` of the standard normal stream `seed` [1]."""
    quantile: float = _QUANTILES[_mixed(seed + counter * _STRIDE)]
    return quantile


def normals(seed: int | NDArray[np.uint64], counters: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Return many draws of one stream, or one of each of many, as `normal` does [1]."""
    quantiles: NDArray[np.float64] = _TABLE[_mixed(seed + counters * _STRIDE)]
    return quantiles


def _mixed(x: Any) -> Any:
    """Return the number of a quantile for 64 bits, or for each of many."""
    x = x & _MASK
    x = ((x ^ (x >> 16)) * 0x7FEB352D) & _MASK
    x = ((x ^ (x >> 15)) * 0x846CA68B) & _MASK
    return x >> (32 - _BITS)
