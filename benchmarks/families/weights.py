"""Seeded weights whose bytes are the same on every machine and with every numpy."""

import numpy as np
from numpy.typing import NDArray

_WORDS = 4  # 16-bit words summed per number: an Irwin-Hall approximation of a normal
_MEAN = _WORDS * (2**16 - 1) / 2
_DEVIATION = float(np.sqrt(_WORDS * (2**32 - 1) / 12))


def normal(seed: int, layer: int, count: int) -> NDArray[np.float32]:
    """Return `count` nearly normal numbers of mean 0 and variance 1 for one layer.

    Only the raw words of the Philox generator are used: numpy keeps those stable for ever, its
    floating-point distributions it does not.
    """
    generator = np.random.Philox(key=np.array([seed, layer], dtype=np.uint64))
    words = generator.random_raw(count).astype("<u8").view("<u2").reshape(count, _WORDS)
    total = words.sum(axis=1, dtype=np.int64)
    numbers: NDArray[np.float32] = ((total - _MEAN) / _DEVIATION).astype(np.float32)
    return numbers
