"""What each known layer type may carry, what shape it makes and what it costs; pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

Value = int | float | tuple[int | float, ...]
Options = Mapping[int, Value]

MAX_ELEMENTS = 2**31 - 1  # a security limit: more overflows the native reader


class Shape(NamedTuple):
    """Channels, height and width of one blob; a vector of n is (n, 1, 1)."""

    c: int
    h: int
    w: int

    @property
    def elements(self) -> int:
        """How many numbers the blob holds."""
        return self.c * self.h * self.w


@dataclass(frozen=True, slots=True)
class Cost:
    """What one layer makes and needs."""

    shape: Shape  # of each output
    macs: int = 0  # multiply-accumulates of one inference
    weights: int = 0  # float32 numbers behind one storage tag; 0 = the layer has none
    biases: int = 0


class LayerError(ValueError):
    """The options of a layer do not fit its type or its input."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One layer type: option keys it knows, how many blobs go in and out, what it costs."""

    keys: frozenset[int]
    inputs: int
    outputs: int | None  # None = any number from one on
    cost: Callable[[Options, list[Shape]], Cost]


def integer(options: Options, key: int, default: int) -> int:
    """Return an integer option; a wrong type is refused."""
    value = options.get(key, default)
    if not isinstance(value, int):
        raise LayerError(f"option {key} must be an integer, not {value!r}")
    return value


def _at_least(options: Options, key: int, default: int, least: int) -> int:
    value = integer(options, key, default)
    if value < least:
        raise LayerError(f"option {key} must be at least {least}, not {value}")
    return value


def _input(options: Options, _: list[Shape]) -> Cost:
    width, height, channels = (_at_least(options, key, 0, 1) for key in (0, 1, 2))
    return Cost(Shape(channels, height, width))


def _same(_: Options, inputs: list[Shape]) -> Cost:
    return Cost(inputs[0])


def _binary(options: Options, inputs: list[Shape]) -> Cost:
    if inputs[0] != inputs[1]:
        raise LayerError(f"adds blobs of shapes {tuple(inputs[0])} and {tuple(inputs[1])}")
    if integer(options, 0, 0) not in range(10):
        raise LayerError(f"option 0 names no operation: {options.get(0)!r}")
    return Cost(inputs[0])


def _convolution(options: Options, inputs: list[Shape]) -> Cost:
    return _grouped(options, inputs[0], 1)


def _depthwise(options: Options, inputs: list[Shape]) -> Cost:
    return _grouped(options, inputs[0], _at_least(options, 7, 1, 1))


def _grouped(options: Options, source: Shape, groups: int) -> Cost:
    out = _at_least(options, 0, 0, 1)
    height, width, taps = _moving(source, options, kernel_key=1, stride_key=3, pad_key=4)
    if source.c % groups or out % groups:
        raise LayerError(f"{groups} groups do not divide {source.c} → {out} channels")
    weights = out * (source.c // groups) * taps
    return Cost(
        Shape(out, height, width), weights * height * width, *_stored(options, 6, weights, out, 5)
    )


def _inner_product(options: Options, inputs: list[Shape]) -> Cost:
    out = _at_least(options, 0, 0, 1)
    weights = out * inputs[0].elements
    return Cost(Shape(out, 1, 1), weights, *_stored(options, 2, weights, out, 1))


def _stored(options: Options, key: int, weights: int, out: int, bias_key: int) -> tuple[int, int]:
    announced = integer(options, key, 0)
    if announced != weights:
        raise LayerError(f"announces {announced} weights, its shape needs {weights}")
    return weights, out if integer(options, bias_key, 0) else 0


def _pooling(options: Options, inputs: list[Shape]) -> Cost:
    if integer(options, 0, 0) not in (0, 1):
        raise LayerError(f"option 0 must be 0 (max) or 1 (average), not {options.get(0)!r}")
    if integer(options, 4, 0):
        return Cost(Shape(inputs[0].c, 1, 1))
    if integer(options, 5, 0) != 1:
        raise LayerError("only pooling with option 5=1 (no tail padding) is accepted")
    height, width, _ = _moving(inputs[0], options, kernel_key=1, stride_key=2, pad_key=3)
    return Cost(Shape(inputs[0].c, height, width))


def _moving(
    shape: Shape, options: Options, *, kernel_key: int, stride_key: int, pad_key: int
) -> tuple[int, int, int]:
    """Return height, width and taps where a square window moves over a blob."""
    kernel = _at_least(options, kernel_key, 1, 1)
    stride = _at_least(options, stride_key, 1, 1)
    pad = _at_least(options, pad_key, 0, 0)
    height = (shape.h + 2 * pad - kernel) // stride + 1
    width = (shape.w + 2 * pad - kernel) // stride + 1
    if height < 1 or width < 1:
        raise LayerError(f"a window of {kernel} does not fit into {shape.h}×{shape.w}")
    return height, width, kernel * kernel


#: Option 9 fuses an activation, -23310 (array 10) holds its limits.
RULES: Mapping[str, Rule] = {
    "Input": Rule(frozenset((0, 1, 2)), 0, 1, _input),
    "Convolution": Rule(frozenset((0, 1, 3, 4, 5, 6, 9, 10)), 1, 1, _convolution),
    "ConvolutionDepthWise": Rule(frozenset((0, 1, 3, 4, 5, 6, 7, 9, 10)), 1, 1, _depthwise),
    "InnerProduct": Rule(frozenset((0, 1, 2, 9, 10)), 1, 1, _inner_product),
    "Pooling": Rule(frozenset((0, 1, 2, 3, 4, 5)), 1, 1, _pooling),
    "BinaryOp": Rule(frozenset((0,)), 2, 1, _binary),
    "Split": Rule(frozenset(), 1, None, _same),
    "ReLU": Rule(frozenset(), 1, 1, _same),
    "Softmax": Rule(frozenset((0,)), 1, 1, _same),
}
