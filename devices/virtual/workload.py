"""Reads a pushed network far enough to know what one inference costs a virtual chip.

The text format is ncnn's `.param`: a magic line, a line of counts, then one line per layer:
type, name, numbers of inputs and outputs, their blobs, and `key=value` options.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import prod

from devices.virtual.layers.table import COSTS, FREE
from devices.virtual.layers.words import Cost, Options, Shape
from devices.virtual.physics.cpu import FLOAT_BYTES, Layer, Work

_MAGIC = "7767517"
_MAX_LAYERS = 10_000  # a security limit
_REMEMBERED = 32  # networks: phones of one process are mostly given the same ones
_MAX_SIDE = 1 << 20  # of a blob; a security limit
_FIRST = frozenset(("Input", "MemoryData"))  # they need no blob
_ARRAY = -23300  # key -23310 announces array 10


class WorkloadRefused(ValueError):
    """The `.param` or `.bin` is not what it should be; the message names the line."""


@dataclass(frozen=True, slots=True)
class CutPoint:
    """A place where a network can be cut: one blob alone crosses."""

    shape: Shape
    layers: int  # of the network's work, before it
    macs_share: float  # of the multiply-accumulates [1]
    output_elements: int  # of the whole network


@lru_cache(maxsize=_REMEMBERED)
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
        except (ValueError, LookupError, ArithmeticError, TypeError) as error:
            raise WorkloadRefused(f"layer line {number}: {error}") from error
    network.check(blobs, bin_bytes)
    return Work(name, tuple(network.layers))


@lru_cache(maxsize=_REMEMBERED)
def read_cuts(param: bytes) -> Mapping[str, CutPoint]:
    """Return the single-blob cuts of a network that `read_work` has accepted, input first."""
    network = _Network()
    for line in param.decode("utf-8", "replace").splitlines()[2:]:
        if line.strip():
            network.add(line.split())
    macs = max(1, _macs(network.layers))
    *cuts, (_, (_, output)) = network.cuts.items()
    return {
        blob: CutPoint(shape, count, _macs(network.layers[:count]) / macs, prod(output))
        for blob, (count, shape) in cuts
    }


def _macs(layers: list[Layer]) -> int:
    return sum(layer.macs for layer in layers if layer.kind != "elementwise")


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
        cost = COSTS[kind](options, sources)
        shapes = cost.shapes if len(cost.shapes) > 1 else cost.shapes * len(outputs)
        if any(not 0 < side <= _MAX_SIDE for shape in shapes for side in shape):
            raise ValueError(f"{kind} makes a blob of {cost.shapes[0]}")
        for blob, shape in zip(outputs, shapes, strict=True):
            if blob in self._blobs:
                raise ValueError(f"blob {blob} is made twice")
            self._blobs[blob] = shape
        self._wanted = (self._wanted - set(inputs)) | set(outputs)
        self._weight_bytes += FLOAT_BYTES * cost.stored
        self._count(kind, [*sources, *shapes], cost, outputs[0])
        if len(self._wanted) == 1:
            blob = next(iter(self._wanted))
            self.cuts[blob] = (len(self.layers), self._blobs[blob])

    def _count(self, kind: str, blobs: list[Shape], cost: Cost, name: str) -> None:
        if kind in FREE:
            return
        stored = FLOAT_BYTES * cost.stored
        moved = FLOAT_BYTES * sum(map(prod, blobs)) + stored
        self.layers.append(Layer(cost.kind, cost.macs, moved, stored, name))

    def check(self, blobs: int, bin_bytes: int) -> None:
        if len(self._blobs) != blobs:
            raise WorkloadRefused(f"announces {blobs} blobs and makes {len(self._blobs)}")
        if self._weight_bytes != bin_bytes:
            raise WorkloadRefused(
                f"the layers need {self._weight_bytes} bytes of weights, the file has {bin_bytes}"
            )


def _parse(words: list[str]) -> tuple[str, list[str], list[str], Options]:
    kind, ins, outs = words[0], int(words[2]), int(words[3])
    if kind not in COSTS:
        raise ValueError(f"unknown layer type {kind[:40]!r}")
    ends = words[4 : 4 + ins + outs]
    if len(ends) != ins + outs or ins < (kind not in _FIRST) or outs < 1:
        raise ValueError(f"{kind} announces {ins} inputs and {outs} outputs")
    options = {}
    for word in words[4 + ins + outs :]:
        key, text = word.split("=", 1)
        values = [float(part) for part in text.split(",")]
        number = int(key)
        options[number if number >= 0 else _ARRAY - number] = values[1:] if number < 0 else values
    return kind, ends[:ins], ends[ins:], options
