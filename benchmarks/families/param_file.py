"""A strict reader of ncnn's text `.param`: what it passes, the native loader may see.

The native loader of some releases writes out of bounds on hostile counts, and loads the weights of
another network in silence. So every count, name, shape and byte is checked here first.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.families.graph import MAGIC
from benchmarks.families.layer_rules import (
    MAX_ELEMENTS,
    NUMBER_BYTES,
    Cost,
    LayerError,
    Options,
    Shape,
    check_hints,
)
from benchmarks.families.layers.table import RULES
from benchmarks.families.param_words import INTEGER, ends_of, options_of

MAX_PARAM_BYTES = 4 * 2**20  # security limits, all of them
MAX_LINE_BYTES = 64 * 1000
MAX_LAYERS = 10_000
MAX_BLOBS = 20_000
MAX_SIDE = 1 << 20  # channels, height or width of a blob
_NAME = re.compile(r"[A-Za-z0-9_./:-]{1,128}")
_NO_TEXT = re.compile(rb"[^\t -~]")


class ParamFileError(ValueError):
    """A `.param` or `.bin` was refused; the message has the line and the way out."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of a network, with what it costs."""

    type: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    options: Options
    sources: tuple[Shape, ...]
    cost: Cost

    @property
    def weight_bytes(self) -> int:
        """Bytes of this layer in the `.bin`, storage tags included."""
        return sum(block.bytes for block in self.cost.stored)

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """The shape of each output."""
        return self.cost.parts or (self.cost.shape,) * len(self.outputs)

    @property
    def traffic_bytes(self) -> int:
        """Bytes that one inference must at least move: inputs, weights and outputs."""
        numbers = sum(shape.elements for shape in (*self.sources, *self.shapes))
        return NUMBER_BYTES * numbers + self.weight_bytes


@dataclass(frozen=True, slots=True)
class ParamFile:
    """A network whose counts, names and shapes agree with each other."""

    layers: tuple[Layer, ...]
    blobs: Mapping[str, Shape]

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one inference."""
        return sum(layer.cost.macs for layer in self.layers)

    @property
    def weight_bytes(self) -> int:
        """What the `.bin` must weigh."""
        return sum(layer.weight_bytes for layer in self.layers)

    @property
    def inputs(self) -> tuple[Layer, ...]:
        """The input layers."""
        return tuple(layer for layer in self.layers if layer.type == "Input")

    @property
    def output(self) -> str:
        """The blob of the last layer."""
        return self.layers[-1].outputs[0]


def read(param: bytes, bin_bytes: int) -> ParamFile:
    """Return the network of a `.param`, or raise ParamFileError.

    `bin_bytes` is the size of the `.bin` of float32 numbers that will be loaded with it.
    """
    network = read_layers(param)
    if network.weight_bytes != bin_bytes:
        raise ParamFileError(
            f"the layers need a .bin of {network.weight_bytes} bytes, this one has "
            f"{bin_bytes}: it belongs to another network"
        )
    return network


def read_layers(param: bytes) -> ParamFile:
    """Return the network of a `.param` whose `.bin` is still to be looked at."""
    (_, first), *lines = _lines(param) or [(1, "")]
    if first != str(MAGIC):
        raise ParamFileError(f"line 1 must be {MAGIC}: this is no text .param of ncnn")
    layer_count, blob_count = _counts(lines[0][1] if lines else "")
    reader = _Reader()
    for number, line in lines[1:]:
        reader.add(number, line)
    return reader.finish(layer_count, blob_count)


def layer_lines(param: bytes) -> list[str]:
    """Return the lines of the layers, in the order of `ParamFile.layers`."""
    return [line for _, line in _lines(param)[2:]]


def _lines(param: bytes) -> list[tuple[int, str]]:
    """Return the lines that hold something, with their numbers in the file."""
    if len(param) > MAX_PARAM_BYTES:
        raise ParamFileError(f".param of {len(param)} bytes; at most {MAX_PARAM_BYTES} are read")
    if b"\0" in param or b"\r" in param.replace(b"\r\n", b"\n"):
        raise ParamFileError(".param holds a NUL or a lone carriage return; save it as plain text")
    lines = param.replace(b"\r\n", b"\n").split(b"\n")
    for number, line in enumerate(lines, start=1):
        if len(line) > MAX_LINE_BYTES:
            raise ParamFileError(f"line {number} is longer than {MAX_LINE_BYTES} bytes")
        # Anything else splits into words in one reader and not in the other.
        if found := _NO_TEXT.search(line):
            raise ParamFileError(
                f"line {number} holds the byte {found[0][0]:#04x}: a .param is plain ASCII text"
            )
    texts = enumerate((line.decode("ascii").strip() for line in lines), start=1)
    return [(number, line) for number, line in texts if line]


def _counts(line: str) -> tuple[int, int]:
    words = line.split()
    if len(words) != 2 or not all(INTEGER.fullmatch(word) for word in words):
        raise ParamFileError("line 2 must be two integers: how many layers, how many blobs")
    layers, blobs = int(words[0]), int(words[1])
    if not (1 <= layers <= MAX_LAYERS and 1 <= blobs <= MAX_BLOBS):
        raise ParamFileError(
            f"line 2 announces {layers} layers and {blobs} blobs; "
            f"accepted are 1 to {MAX_LAYERS} and 1 to {MAX_BLOBS}"
        )
    return layers, blobs


class _Reader:
    """Remembers which blobs exist while the layers come in."""

    def __init__(self) -> None:
        self._layers: list[Layer] = []
        self._names: set[str] = set()
        self._blobs: dict[str, Shape] = {}
        self._consumed: set[str] = set()

    def add(self, number: int, line: str) -> None:
        """Take the next layer line."""
        try:
            self._layers.append(self._layer(line.split()))
        except LayerError as error:
            raise ParamFileError(f"line {number}: {error}") from error

    def finish(self, layer_count: int, blob_count: int) -> ParamFile:
        """Return the network if its totals are what was announced."""
        found = (len(self._layers), len(self._blobs))
        if found != (layer_count, blob_count):
            raise ParamFileError(
                f"line 2 announces {layer_count} layers and {blob_count} blobs, "
                f"the file has {found[0]} and {found[1]}"
            )
        return ParamFile(tuple(self._layers), dict(self._blobs))

    def _layer(self, words: list[str]) -> Layer:
        if len(words) < 4:
            raise LayerError("a layer needs type, name and two counts")
        kind, name = words[0], self._new_name(words[1])
        rule = RULES.get(kind)
        if rule is None:
            raise LayerError(f"layer type {kind!r} is not accepted; known: {', '.join(RULES)}")
        inputs, outputs, rest = ends_of(words[2:], rule)
        sources = tuple(self._consume(blob) for blob in inputs)
        options = options_of(rest, rule)
        cost = rule.cost(options, sources)
        if cost.shape.elements > MAX_ELEMENTS or cost.macs > 2**63 - 1:
            raise LayerError(f"{name} makes {cost.shape.elements} numbers; that is too many")
        if max(cost.shape) > MAX_SIDE:
            raise LayerError(f"{name} makes a blob of {cost.shape}: a side is too long")
        layer = Layer(kind, name, inputs, outputs, options, sources, cost)
        if len(layer.shapes) != len(outputs):
            raise LayerError(f"names {len(outputs)} outputs and makes {len(layer.shapes)}")
        check_hints(options, layer.shapes)
        for blob, shape in zip(outputs, layer.shapes, strict=True):
            self._produce(blob, shape)
        return layer

    def _new_name(self, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise LayerError(f"name {name[:40]!r} may hold A-Z a-z 0-9 _ . / : - only")
        if name in self._names:
            raise LayerError(f"layer name {name!r} is used twice")
        self._names.add(name)
        return name

    def _consume(self, blob: str) -> Shape:
        if blob not in self._blobs:
            raise LayerError(f"blob {blob[:40]!r} is used before any layer makes it")
        if blob in self._consumed:
            raise LayerError(f"blob {blob!r} has two consumers; put a Split before them")
        self._consumed.add(blob)
        return self._blobs[blob]

    def _produce(self, blob: str, shape: Shape) -> None:
        if not _NAME.fullmatch(blob):
            raise LayerError(f"blob {blob[:40]!r} may hold A-Z a-z 0-9 _ . / : - only")
        if blob in self._blobs:
            raise LayerError(f"blob {blob!r} is made twice")
        self._blobs[blob] = shape
