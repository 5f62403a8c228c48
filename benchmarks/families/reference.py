"""The golden reference: a second way from the same files to the same numbers, in float64.

It shares nothing with the runtime that it checks: a convolution is a sum of shifted matrix
products here, read from our own parser's layers.
"""

import math
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from benchmarks.families.layer_rules import NUMBER_BYTES
from benchmarks.families.param_file import ParamFile
from benchmarks.families.steps import numbers, products, reshaping, windows
from benchmarks.families.steps.stored import Blob, Blocks, Step

_SEED, _FACTOR, _STEP, _BITS = 12345, 1664525, 1013904223, 32


def golden_input(shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return the input that every implementation makes for itself: numbers in [-1, 1).

    s ← 1664525·s + 1013904223 mod 2³², value = (s >> 8)/2²³ - 1, channel by channel.
    """
    states = _congruential(math.prod(shape))
    values = (states >> np.uint64(8)).astype(np.float64) / 2**23 - 1
    return values.astype(np.float32).reshape(shape)


def _congruential(count: int) -> NDArray[np.uint64]:
    """Return the generator's states 1…count, doubling the known part each time."""
    mask = np.uint64(2**_BITS - 1)
    states = np.array([(_SEED * _FACTOR + _STEP) % 2**_BITS], dtype=np.uint64)
    factor, step = _FACTOR, _STEP  # the jump over len(states) states
    while len(states) < count:
        jumped = (states * np.uint64(factor) + np.uint64(step)) & mask
        states = np.concatenate([states, jumped])
        step = (factor * step + step) % 2**_BITS
        factor = factor * factor % 2**_BITS
    return states[:count]


def forward(network: ParamFile, weights: bytes, image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the output, flat, of one inference on `image` [channels, height, width]."""
    return blob_of(network, weights, image).reshape(-1).astype(np.float32)


def blob_of(network: ParamFile, weights: bytes, image: NDArray[np.float32]) -> Blob:
    """Return the output of one inference with the dimensions that it has."""
    stored = _stored_numbers(network, weights)
    blobs: dict[str, Blob] = {}
    for layer, blocks in zip(network.layers, stored, strict=True):
        sources = [blobs.pop(name) for name in layer.inputs]
        if layer.type == "Input":
            made = [image.astype(np.float64)]
        elif layer.type == "Slice":
            made = reshaping.divide(layer, sources)
        else:
            made = [STEPS[layer.type](layer, sources, blocks)] * len(layer.outputs)
        blobs.update(zip(layer.outputs, made, strict=True))
    return blobs[network.output]


def _stored_numbers(network: ParamFile, weights: bytes) -> Iterator[Blocks]:
    """Yield what each layer has in the `.bin`, without the tags."""
    at = 0
    for layer in network.layers:
        found = []
        for block in layer.cost.stored:
            first = at + NUMBER_BYTES * block.is_tagged
            found.append(np.frombuffer(weights, "<f4", block.numbers, first).astype(np.float64))
            at += block.bytes
        yield found


STEPS: Mapping[str, Step] = {
    **{kind: numbers.activation(function) for kind, function in numbers.ACTIVATIONS.items()},
    "Convolution": windows.convolution,
    "ConvolutionDepthWise": windows.convolution,
    "Pooling": windows.pooling,
    "Padding": windows.padding,
    "Interp": windows.interpolation,
    "InnerProduct": products.inner_product,
    "MatMul": products.matrix_product,
    "Gemm": products.general_product,
    "MultiHeadAttention": products.attention,
    "SDPA": products.scaled_attention,
    "PReLU": numbers.rectifier_per_channel,
    "BinaryOp": numbers.binary,
    "Eltwise": numbers.eltwise,
    "Softmax": numbers.softmax,
    "BatchNorm": numbers.batch_norm,
    "Scale": numbers.scale,
    "Bias": numbers.bias,
    "LayerNorm": numbers.layer_norm,
    "GroupNorm": numbers.group_norm,
    "InstanceNorm": numbers.group_norm,
    "LRN": numbers.local_response,
    "Reduction": numbers.reduction,
    "MemoryData": reshaping.constant,
    "Reshape": reshaping.reshape,
    "Flatten": reshaping.reshape,
    "Squeeze": reshaping.reshape,
    "ExpandDims": reshaping.reshape,
    "Permute": reshaping.permute,
    "Concat": reshaping.concatenate,
    "Crop": reshaping.crop,
    "ShuffleChannel": reshaping.shuffle,
}
