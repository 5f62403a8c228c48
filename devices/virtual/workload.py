"""Reads a pushed network far enough to know what one inference costs a virtual chip.

The text format is ncnn's `.param`: a magic line, a line of counts, then one line per layer:
type, name, numbers of inputs and outputs, their blobs, and `key=value` options.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from devices.virtual.physics.cpu import Layer, Work

_MAGIC = "7767517"
_MAX_LAYERS = 10_000  # a security limit
_MAX_SIDE = 1 << 20  # of a blob; a security limit
_NUMBER_BYTES = 4  # float32
_WINOGRAD_CHANNELS = 16  # with fewer, its transforms cost more than they save


class WorkloadRefused(ValueError):
    """The `.param` or `.bin` is not what it should be; the message names the line."""


class Shape(NamedTuple):
    """A blob: channels, height, width."""

    c: int
    h: int
    w: int

    @property
    def elements(self) -> int:
        """How many numbers it holds."""
        return self.c * self.h * self.w


@dataclass(frozen=True, slots=True)
class CutPoint:
    """A place where a network can be cut: one blob alone crosses."""

    shape: Shape
    layers: int  # of the network's work, before it
    macs_share: float  # of the multiply-accumulates [1]
    output_elements: int  # of the whole network


@dataclass(frozen=True, slots=True)
class _Cost:
    shape: Shape
    macs: int
    weight_bytes: int = 0  # in the `.bin`
    kind: str = "elementwise"


_Options = Mapping[int, int]
_Costing = Callable[[_Options, Shape], _Cost]


def read_work(name: str, param: bytes, bin_bytes: int) -> Work:
    """Return the layers of one inference with their MACs and bytes moved.

    Raises WorkloadRefused when lines, counts, blobs or the size of the weights do not agree.
    """
    lines = [line.split() for line in param.decode("utf-8", "replace").splitlines() if line.strip()]
    if not lines or lines[0] != [_MAGIC]:
        raise WorkloadRefused(f"the first line must be {_MAGIC}")
    layers, blobs = _counts(lines[1] if len(lines) > 1 else [])
    if layers != len(lines) - 2:
        raise WorkloadRefused(f"announces {layers} layers and has {len(lines) - 2}")
    network = _Network()
    for number, words in enumerate(lines[2:], start=3):
        try:
            network.add(words)
        except (ValueError, KeyError, IndexError) as error:
            raise WorkloadRefused(f"layer line {number}: {error}") from error
    network.check(blobs, bin_bytes)
    return Work(name, tuple(network.layers))


def read_cuts(param: bytes) -> Mapping[str, CutPoint]:
    """Return the single-blob cuts of a network that `read_work` has accepted, input first."""
    network = _Network()
    for line in param.decode("utf-8", "replace").splitlines()[2:]:
        if line.strip():
            network.add(line.split())
    macs = max(1, _macs(network.layers))
    *cuts, (_, (_, output)) = network.cuts.items()
    return {
        blob: CutPoint(shape, count, _macs(network.layers[:count]) / macs, output.elements)
        for blob, (count, shape) in cuts
    }


def _macs(layers: list[Layer]) -> int:
    return sum(layer.macs for layer in layers if layer.weights)


def _counts(words: list[str]) -> tuple[int, int]:
    if len(words) != 2 or not all(word.isdecimal() for word in words):
        raise WorkloadRefused("the second line must be the numbers of layers and blobs")
    layers, blobs = int(words[0]), int(words[1])
    if not 0 < layers <= _MAX_LAYERS:
        raise WorkloadRefused(f"announces {layers} layers, at most {_MAX_LAYERS} are read")
    return layers, blobs


class _Network:
    """Blobs and costs, layer by layer."""

    def __init__(self) -> None:
        self.layers: list[Layer] = []
        self.cuts: dict[str, tuple[int, Shape]] = {}  # blob -> layers before it, its shape
        self._wanted: set[str] = set()
        self._blobs: dict[str, Shape] = {}
        self._weight_bytes = 0

    def add(self, words: list[str]) -> None:
        kind, inputs, outputs, options = _parse(words)
        sources = [self._blobs[blob] for blob in inputs]
        cost = _COSTS[kind](options, sources[0] if sources else Shape(0, 0, 0))
        if any(not 0 < side <= _MAX_SIDE for side in cost.shape):
            raise ValueError(f"{kind} makes a blob of {tuple(cost.shape)}")
        for blob in outputs:
            if blob in self._blobs:
                raise ValueError(f"blob {blob} is made twice")
            self._blobs[blob] = cost.shape
        self._wanted = (self._wanted - set(inputs)) | set(outputs)
        self._weight_bytes += cost.weight_bytes
        self._count(kind, sources, cost, outputs[0])
        if len(self._wanted) == 1:
            self.cuts[next(iter(self._wanted))] = (len(self.layers), cost.shape)

    def _count(self, kind: str, sources: list[Shape], cost: _Cost, blob: str) -> None:
        if kind in _FREE:
            return
        numbers = sum(source.elements for source in sources) + cost.shape.elements
        self.layers.append(
            Layer(cost.kind, cost.macs, numbers * _NUMBER_BYTES + cost.weight_bytes,
                  cost.weight_bytes, blob)
        )  # fmt: skip

    def check(self, blobs: int, bin_bytes: int) -> None:
        if len(self._blobs) != blobs:
            raise WorkloadRefused(f"announces {blobs} blobs and makes {len(self._blobs)}")
        if self._weight_bytes != bin_bytes:
            raise WorkloadRefused(
                f"the layers need {self._weight_bytes} bytes of weights, the file has {bin_bytes}"
            )


def _parse(words: list[str]) -> tuple[str, list[str], list[str], dict[int, int]]:
    kind, ins, outs = words[0], int(words[2]), int(words[3])
    if kind not in _COSTS:
        raise ValueError(f"unknown layer type {kind[:40]!r}")
    ends = words[4 : 4 + ins + outs]
    if len(ends) != ins + outs or ins < (kind != "Input") or outs < 1:
        raise ValueError(f"{kind} announces {ins} inputs and {outs} outputs")
    pairs = (word.split("=", 1) for word in words[4 + ins + outs :])
    numbers = {int(key): value for key, value in pairs if int(key) >= 0}
    return kind, ends[:ins], ends[ins:], {key: int(float(value)) for key, value in numbers.items()}


def _input(options: _Options, _: Shape) -> _Cost:
    return _Cost(Shape(options[2], options[1], options[0]), 0)


def _convolution(options: _Options, source: Shape) -> _Cost:
    out, groups = options[0], options.get(7, 1)
    height, width, taps = _window(options, source, kernel=1, stride=3, pad=4)
    if groups < 1 or source.c % groups:
        raise ValueError(f"{groups} groups do not divide {source.c} channels")
    weights = out * (source.c // groups) * taps
    macs = weights * height * width
    kind = _class_of(groups, source.c, out, taps, options.get(3, 1))
    stored = _stored(weights, out, options, key=6, bias=5)
    return _Cost(Shape(out, height, width), macs, stored, kind)


def _class_of(groups: int, inputs: int, outputs: int, taps: int, stride: int) -> str:
    """Return the class of a convolution, by which kernel can compute it."""
    if groups > 1:
        return "depthwise" if groups == inputs else "grouped"
    if taps == 1:
        return "pointwise"
    fits = taps == 9 and stride == 1 and min(inputs, outputs) >= _WINOGRAD_CHANNELS
    return "winograd" if fits else "conv"


def _inner_product(options: _Options, source: Shape) -> _Cost:
    out = options[0]
    weights = out * source.elements
    return _Cost(Shape(out, 1, 1), weights, _stored(weights, out, options, key=2, bias=1), "fc")


def _pooling(options: _Options, source: Shape) -> _Cost:
    if options.get(4, 0):
        return _Cost(Shape(source.c, 1, 1), source.elements)
    height, width, taps = _window(options, source, kernel=1, stride=2, pad=3)
    shape = Shape(source.c, height, width)
    return _Cost(shape, shape.elements * taps)


def _elementwise(_: _Options, source: Shape) -> _Cost:
    return _Cost(source, source.elements)


def _window(
    options: _Options, source: Shape, *, kernel: int, stride: int, pad: int
) -> tuple[int, int, int]:
    """Return height, width and taps where a square window moves over a blob."""
    size, step, border = options.get(kernel, 1), options.get(stride, 1), options.get(pad, 0)
    if size < 1 or step < 1:
        raise ValueError(f"kernel {size} and stride {step} must be positive")
    height = (source.h + 2 * border - size) // step + 1
    width = (source.w + 2 * border - size) // step + 1
    return height, width, size * size


def _stored(weights: int, out: int, options: _Options, *, key: int, bias: int) -> int:
    """Return the bytes behind a layer: a storage tag, the weights, and biases if it has any."""
    if options.get(key) != weights:
        raise ValueError(f"announces {options.get(key)} weights, its shape needs {weights}")
    return _NUMBER_BYTES * (1 + weights + (out if options.get(bias, 0) else 0))


_COSTS: Mapping[str, _Costing] = {
    "Input": _input,
    "Convolution": _convolution,
    "ConvolutionDepthWise": _convolution,
    "InnerProduct": _inner_product,
    "Pooling": _pooling,
    "BinaryOp": _elementwise,
    "Split": _elementwise,
    "ReLU": _elementwise,
    "Softmax": _elementwise,
}
_FREE = frozenset(("Input", "Split"))  # they move no data and compute nothing
