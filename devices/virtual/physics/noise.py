"""Noise that is a pure function of a seed and a counter, so that a run can be repeated exactly."""

import hashlib
from statistics import NormalDist

_BITS = 12
_QUANTILES = tuple(
    NormalDist().inv_cdf((i + 0.5) / (1 << _BITS)) for i in range(1 << _BITS)
)  # [1] ascending
LARGEST = _QUANTILES[-1]  # no draw is further from 0 than this [1]


def seed_of(*parts: int | str) -> int:
    """Mix integers and names into one 32-bit seed."""
    text = "/".join(map(str, parts)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=4).digest(), "big")


def normal(seed: int, counter: int) -> float:
    """Return draw number `counter` of the standard normal stream `seed` [1]."""
    x = (seed + counter * 0x9E3779B1) & 0xFFFFFFFF
    x = ((x ^ (x >> 16)) * 0x7FEB352D) & 0xFFFFFFFF
    x = ((x ^ (x >> 15)) * 0x846CA68B) & 0xFFFFFFFF
    return _QUANTILES[x >> (32 - _BITS)]
