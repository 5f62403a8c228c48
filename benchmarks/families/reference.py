"""The golden reference: a second way from the same files to the same numbers, in float64.

It shares nothing with the runtime that it checks: a convolution is a sum of shifted matrix
products here, read from our own parser's layers.
"""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from benchmarks.families.layer_rules import Shape, integer
from benchmarks.families.param_file import Layer, ParamFile

Blob = NDArray[np.float64]  # [channels, height, width]
Weights = tuple[NDArray[np.float32], NDArray[np.float32]]  # flat weights, biases

_SEED, _FACTOR, _STEP, _BITS = 12345, 1664525, 1013904223, 32
_RELU, _CLIP = 1, 3  # fused activations


def golden_input(shape: Shape) -> NDArray[np.float32]:
    """Return the input that every implementation makes for itself: numbers in [-1, 1).

    s ← 1664525·s + 1013904223 mod 2³², value = (s >> 8)/2²³ - 1, channel by channel.
    """
    states = _congruential(shape.elements)
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
    """Return the output [classes] of one inference on `image` [channels, height, width]."""
    stored = _stored_weights(network, weights)
    blobs: dict[str, Blob] = {}
    for layer in network.layers:
        sources = [blobs.pop(name) for name in layer.inputs]
        if layer.type == "Input":
            result = image.astype(np.float64)
        else:
            result = _STEPS[layer.type](layer, sources, next(stored) if layer.cost.weights else _NO)
        for name in layer.outputs:
            blobs[name] = result
    return blobs[network.output].reshape(-1).astype(np.float32)


def _stored_weights(network: ParamFile, weights: bytes) -> Iterator[Weights]:
    at = 0
    for layer in network.layers:
        if layer.cost.weights:
            numbers = np.frombuffer(weights, "<f4", layer.weight_bytes // 4, at)[1:]
            yield numbers[: layer.cost.weights], numbers[layer.cost.weights :]
            at += layer.weight_bytes


_NO: Weights = (np.empty(0, np.float32), np.empty(0, np.float32))


def _padded(blob: Blob, pad: int, fill: float = 0.0) -> Blob:
    edges = ((0, 0), (pad, pad), (pad, pad))
    return np.pad(blob, edges, constant_values=fill)


def _shifts(blob: Blob, kernel: int, stride: int, shape: Shape) -> Iterator[tuple[int, int, Blob]]:
    """Yield for each tap of a window what it sees at every place: [channels, height, width]."""
    for row in range(kernel):
        for column in range(kernel):
            rows = slice(row, row + stride * (shape.h - 1) + 1, stride)
            columns = slice(column, column + stride * (shape.w - 1) + 1, stride)
            yield row, column, blob[:, rows, columns]


def _activated(layer: Layer, blob: Blob) -> Blob:
    fused = integer(layer.options, 9, 0)
    if fused == _RELU:
        return np.maximum(blob, 0.0)
    if fused == _CLIP:
        limits = layer.options[10]
        assert isinstance(limits, tuple)
        return np.clip(blob, limits[0], limits[1])
    return blob


def _convolution(layer: Layer, sources: list[Blob], weights: Weights) -> Blob:
    shape, kernel = layer.cost.shape, integer(layer.options, 1, 1)
    taps = weights[0].reshape(shape.c, -1, kernel, kernel).astype(np.float64)
    total = np.zeros((shape.c, shape.h * shape.w))
    padded = _padded(sources[0], integer(layer.options, 4, 0))
    for row, column, seen in _shifts(padded, kernel, integer(layer.options, 3, 1), shape):
        total += taps[:, :, row, column] @ seen.reshape(seen.shape[0], -1)
    return _activated(layer, total.reshape(shape) + _bias(weights, shape))


def _depthwise(layer: Layer, sources: list[Blob], weights: Weights) -> Blob:
    shape, kernel = layer.cost.shape, integer(layer.options, 1, 1)
    groups = integer(layer.options, 7, 1)
    taps = weights[0].reshape(groups, shape.c // groups, -1, kernel, kernel).astype(np.float64)
    total = np.zeros((groups, shape.c // groups, shape.h * shape.w))
    padded = _padded(sources[0], integer(layer.options, 4, 0))
    for row, column, seen in _shifts(padded, kernel, integer(layer.options, 3, 1), shape):
        total += taps[..., row, column] @ seen.reshape(groups, -1, shape.h * shape.w)
    return _activated(layer, total.reshape(shape) + _bias(weights, shape))


def _bias(weights: Weights, shape: Shape) -> Blob:
    biases = weights[1] if weights[1].size else np.zeros(shape.c)
    return biases.astype(np.float64).reshape(-1, 1, 1)


def _inner_product(layer: Layer, sources: list[Blob], weights: Weights) -> Blob:
    matrix = weights[0].reshape(layer.cost.shape.c, -1).astype(np.float64)
    total = (matrix @ sources[0].reshape(-1)).reshape(layer.cost.shape)
    return _activated(layer, total + _bias(weights, layer.cost.shape))


def _pooling(layer: Layer, sources: list[Blob], _: Weights) -> Blob:
    is_average = integer(layer.options, 0, 0) == 1
    if integer(layer.options, 4, 0):
        pooled: Blob = sources[0].mean((1, 2)) if is_average else sources[0].max((1, 2))
        return pooled.reshape(-1, 1, 1)
    fill = 0.0 if is_average else -np.inf
    padded = _padded(sources[0], integer(layer.options, 3, 0), fill)
    window = integer(layer.options, 1, 1), integer(layer.options, 2, 1)
    seen = np.stack([tap for *_, tap in _shifts(padded, *window, layer.cost.shape)])
    windowed: Blob = seen.mean(0) if is_average else seen.max(0)
    return windowed


def _softmax(_layer: Layer, sources: list[Blob], _: Weights) -> Blob:
    raised = np.exp(sources[0] - sources[0].max(0))
    shares: Blob = raised / raised.sum(0)
    return shares


_STEPS: Mapping[str, Callable[[Layer, list[Blob], Weights], Blob]] = {
    "Convolution": _convolution,
    "ConvolutionDepthWise": _depthwise,
    "InnerProduct": _inner_product,
    "Pooling": _pooling,
    "BinaryOp": lambda _layer, sources, _weights: sources[0] + sources[1],
    "Split": lambda _layer, sources, _weights: sources[0],
    "ReLU": lambda _layer, sources, _weights: np.maximum(sources[0], 0.0),
    "Softmax": _softmax,
}
