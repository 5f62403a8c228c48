"""Small networks as users might bring them."""

import struct

import numpy as np

from benchmarks.families.bin_file import FLOAT16, FLOAT32

SMALL_PARAM = b"""7767517
6 7
Input data 0 1 data 0=16 1=16 2=3
Convolution conv 1 1 data conv 0=8 1=3 3=2 4=1 5=1 6=216 9=1
Split split 1 2 conv a b
BinaryOp add 2 1 a b add 0=0
Pooling pool 1 1 add pool 0=1 4=1
InnerProduct fc 1 1 pool scores 0=10 1=1 2=80
"""


#: As the converter writes one: sizes twice, options with their usual value, numbers for names.
CONVERTED_PARAM = b"""7767517
8 9
Input in0 0 1 in0 0=24 1=16 2=3
Convolution convrelu_0 1 1 in0 1 0=8 1=3 11=3 12=1 13=2 14=1 2=1 3=2 4=1 5=1 6=216 9=1
Split splitncnn_0 1 2 1 2 3
ConvolutionDepthWise convdw_5 1 1 3 4 0=8 1=3 11=3 12=1 13=1 14=1 2=1 3=1 4=1 5=0 6=72 7=8
BinaryOp add_0 2 1 4 2 5 0=0
Pooling gap_0 1 1 5 6 0=1 4=1
InnerProduct linear_4 1 1 6 7 0=10 1=1 2=80
Sigmoid sigmoid_2 1 1 7 out0
"""


def small_bin(seed: int = 1) -> bytes:
    """Return weights for `SMALL_PARAM`."""
    random = np.random.default_rng(seed)
    tag = b"\0\0\0\0"
    conv, bias, fc, fc_bias = (
        random.normal(0, 0.2, size).astype("<f4").tobytes() for size in (216, 8, 80, 10)
    )
    return tag + conv + bias + tag + fc + fc_bias


def converted_bin(*, is_half: bool, seed: int = 1) -> bytes:
    """Return weights for `CONVERTED_PARAM`, in 32 bits or, but for the biases, in 16."""
    random = np.random.default_rng(seed)
    parts = []
    for weights, biases in ((216, 8), (72, 0), (80, 10)):
        numbers = random.normal(0, 0.3, weights).astype("<f2" if is_half else "<f4")
        parts.append(struct.pack("<I", FLOAT16 if is_half else FLOAT32) + numbers.tobytes())
        parts.append(random.normal(0, 0.3, biases).astype("<f4").tobytes())
    return b"".join(parts)
