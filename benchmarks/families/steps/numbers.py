"""One number after the other: activations, arithmetic, norms, reductions."""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from benchmarks.families.layer_rules import Shape, axis_of, integer, number, numbers
from benchmarks.families.layers.numbers import aligned, reduced_axes
from benchmarks.families.param_file import Layer
from benchmarks.families.steps.stored import Blob, Blocks, Step

_FAST_GELU = 0.044715
_erf = np.vectorize(math.erf, otypes=[np.float64])

_Function = Callable[..., Blob]
_UNARY: tuple[_Function, ...] = (
    np.abs, np.negative, np.floor, np.ceil, np.square, np.sqrt, lambda x: 1.0 / np.sqrt(x),
    np.exp, np.log, np.sin, np.cos, np.tan, np.arcsin, np.arccos, np.arctan, np.reciprocal,
    np.tanh, np.log10, np.rint, np.trunc, np.sign, np.expm1, np.sinh, np.arcsinh, np.cosh,
    np.arccosh, np.arctanh, np.log1p,
)  # fmt: skip
_BINARY: tuple[_Function, ...] = (
    np.add, np.subtract, np.multiply, np.divide, np.maximum, np.minimum, np.power,
    lambda a, b: b - a, lambda a, b: b / a, lambda a, b: np.power(b, a),
    np.arctan2, lambda a, b: np.arctan2(b, a),
)  # fmt: skip
_REDUCTIONS: tuple[_Function, ...] = (
    np.sum,
    lambda x, **axes: np.abs(x).sum(**axes),
    lambda x, **axes: np.square(x).sum(**axes),
    np.mean,
    np.max,
    np.min,
    np.prod,
    lambda x, **axes: np.abs(x).sum(**axes),
    lambda x, **axes: np.sqrt(np.square(x).sum(**axes)),
    lambda x, **axes: np.log(x.sum(**axes)),
    lambda x, **axes: np.log(np.exp(x).sum(**axes)),
)


def sigmoid(blob: Blob) -> Blob:
    """Return 1/(1 + e⁻ˣ)."""
    made: Blob = 1.0 / (1.0 + np.exp(-blob))
    return made


def _hard(layer: Layer, blob: Blob) -> Blob:
    return np.clip(number(layer.options, 0, 0.2) * blob + number(layer.options, 1, 0.5), 0.0, 1.0)


def _gelu(layer: Layer, blob: Blob) -> Blob:
    if integer(layer.options, 0, 0):
        inner = math.sqrt(2.0 / math.pi) * (blob + _FAST_GELU * blob**3)
        fast: Blob = 0.5 * blob * (1.0 + np.tanh(inner))
        return fast
    exact: Blob = 0.5 * blob * (1.0 + _erf(blob / math.sqrt(2.0)))
    return exact


def _rectified(layer: Layer, blob: Blob) -> Blob:
    return np.where(blob > 0, blob, number(layer.options, 0, 0.0) * blob)


def _clipped(layer: Layer, blob: Blob) -> Blob:
    low, high = (number(layer.options, key, far) for key, far in ((0, -np.inf), (1, np.inf)))
    return np.clip(blob, low, high)


def _exponential(layer: Layer, blob: Blob) -> Blob:
    return np.where(blob > 0, blob, number(layer.options, 0, 0.1) * np.expm1(np.minimum(blob, 0)))


#: Activations of one blob.
ACTIVATIONS: Mapping[str, Callable[[Layer, Blob], Blob]] = {
    "ReLU": _rectified,
    "Clip": _clipped,
    "ELU": _exponential,
    "HardSwish": lambda layer, blob: blob * _hard(layer, blob),
    "HardSigmoid": _hard,
    "Sigmoid": lambda _, blob: sigmoid(blob),
    "Swish": lambda _, blob: blob * sigmoid(blob),
    "Mish": lambda _, blob: blob * np.tanh(np.logaddexp(0.0, blob)),
    "TanH": lambda _, blob: np.tanh(blob),
    "GELU": _gelu,
    "Dropout": lambda layer, blob: blob * number(layer.options, 0, 1.0),
    "UnaryOp": lambda layer, blob: _UNARY[integer(layer.options, 0, 0)](blob),
    "Split": lambda _, blob: blob,
    "Noop": lambda _, blob: blob,
}


def activation(function: Callable[[Layer, Blob], Blob]) -> Step:
    """Return an activation as a step."""
    return lambda layer, sources, _: function(layer, sources[0])


def shares(blob: Blob, axis: int) -> Blob:
    """Return e to the power of each number, divided by their sum along an axis."""
    raised = np.exp(blob - blob.max(axis, keepdims=True))
    shared: Blob = raised / raised.sum(axis, keepdims=True)
    return shared


def softmax(layer: Layer, sources: Sequence[Blob], _: Blocks) -> Blob:
    """Return shares of one."""
    return shares(sources[0], axis_of(layer.options, 0, 0, layer.sources[0]))


def binary(layer: Layer, sources: Sequence[Blob], _: Blocks) -> Blob:
    """Return an operation on two blobs, or on a blob and a number."""
    operation = _BINARY[integer(layer.options, 0, 0)]
    if integer(layer.options, 1, 0):
        return operation(sources[0], number(layer.options, 2, 0.0))
    first, second = aligned(*layer.sources)
    return operation(sources[0].reshape(first), sources[1].reshape(second))


def eltwise(layer: Layer, sources: Sequence[Blob], _: Blocks) -> Blob:
    """Return the product, weighted sum or maximum of several blobs."""
    stack = np.stack(list(sources))
    weights = numbers(layer.options, 1)
    if integer(layer.options, 0, 0) == 1 and weights:
        stack = stack * np.reshape(weights, (-1, *[1] * sources[0].ndim))
    made: Blob = (np.prod, np.sum, np.max)[integer(layer.options, 0, 0)](stack, axis=0)
    return made


def _along(block: Blob, shape: Sequence[int]) -> Blob:
    """Lay a vector along the outermost axis."""
    return block.reshape(-1, *(1,) * (len(shape) - 1))


def rectifier_per_channel(_: Layer, sources: Sequence[Blob], blocks: Blocks) -> Blob:
    """Return numbers above zero, and others times their slope."""
    blob = sources[0]
    return np.where(blob > 0, blob, blob * _along(blocks[0], blob.shape))


def batch_norm(layer: Layer, sources: Sequence[Blob], blocks: Blocks) -> Blob:
    """Return slope · (x - mean)/√(variance + ε) + bias."""
    slope, mean, variance, bias = (_along(block, sources[0].shape) for block in blocks)
    root = np.sqrt(variance + number(layer.options, 1, 0.0))
    made: Blob = slope * (sources[0] - mean) / root + bias
    return made


def scale(_: Layer, sources: Sequence[Blob], blocks: Blocks) -> Blob:
    """Return factor · x + bias, per channel."""
    factor, *biases = blocks or sources[1:]
    scaled: Blob = sources[0] * _along(factor, sources[0].shape)
    return scaled + _along(biases[0], scaled.shape) if biases else scaled


def bias(_: Layer, sources: Sequence[Blob], blocks: Blocks) -> Blob:
    """Return x + bias, per channel."""
    return sources[0] + _along(blocks[0], sources[0].shape)


def _normal(rows: Blob, epsilon: float) -> Blob:
    """Return each row with mean 0 and variance 1."""
    made: Blob = (rows - rows.mean(-1, keepdims=True)) / np.sqrt(
        rows.var(-1, keepdims=True) + epsilon
    )
    return made


def layer_norm(layer: Layer, sources: Sequence[Blob], blocks: Blocks) -> Blob:
    """Return rows with mean 0 and variance 1, scaled and moved."""
    rows = sources[0].reshape(-1, integer(layer.options, 0, 0))
    made = _normal(rows, number(layer.options, 1, 1e-3))
    if blocks:
        made = made * blocks[0] + blocks[1]
    return made.reshape(sources[0].shape)


def group_norm(layer: Layer, sources: Sequence[Blob], blocks: Blocks) -> Blob:
    """Return groups of channels with mean 0 and variance 1, scaled and moved per channel."""
    is_group = layer.type == "GroupNorm"
    shape = sources[0].shape
    groups = integer(layer.options, 0, 1) if is_group else shape[0]
    epsilon = number(layer.options, 2 if is_group else 1, 1e-3)
    made = _normal(sources[0].reshape(groups, -1), epsilon).reshape(shape)
    return made * _along(blocks[0], shape) + _along(blocks[1], shape) if blocks else made


def local_response(layer: Layer, sources: Sequence[Blob], _: Blocks) -> Blob:
    """Return x / (k + α/n · Σ neighbors²)^β."""
    size = integer(layer.options, 1, 5)
    alpha, beta, offset = (
        number(layer.options, key, default) for key, default in ((2, 1.0), (3, 0.75), (4, 1.0))
    )
    squares = np.pad(np.square(sources[0]), ((size // 2, size // 2), (0, 0), (0, 0)))
    around = sum(squares[at : at + len(sources[0])] for at in range(size))
    made: Blob = sources[0] * (offset + alpha / size * around) ** -beta
    return made


def reduction(layer: Layer, sources: Sequence[Blob], _: Blocks) -> Blob:
    """Return a sum, mean, maximum … over some axes."""
    axes = tuple(reduced_axes(layer.options, Shape(*sources[0].shape)))
    reduced = _REDUCTIONS[integer(layer.options, 0, 0)](sources[0], axis=axes)
    return np.reshape(reduced * number(layer.options, 2, 1.0), layer.cost.shape)
