"""Small networks as users might bring them."""

import numpy as np

SMALL_PARAM = b"""7767517
6 7
Input data 0 1 data 0=16 1=16 2=3
Convolution conv 1 1 data conv 0=8 1=3 3=2 4=1 5=1 6=216 9=1
Split split 1 2 conv a b
BinaryOp add 2 1 a b add 0=0
Pooling pool 1 1 add pool 0=1 4=1
InnerProduct fc 1 1 pool scores 0=10 1=1 2=80
"""


def small_bin(seed: int = 1) -> bytes:
    """Return weights for `SMALL_PARAM`."""
    random = np.random.default_rng(seed)
    tag = b"\0\0\0\0"
    conv, bias, fc, fc_bias = (
        random.normal(0, 0.2, size).astype("<f4").tobytes() for size in (216, 8, 80, 10)
    )
    return tag + conv + bias + tag + fc + fc_bias
