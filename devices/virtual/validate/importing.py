"""Reads the networks of a public benchmark into layer tables: `… importing FOLDER > FILE`.

Shapes, multiply-accumulates and bytes are worked out from the `.param` texts; the tables that the
comparison uses were made by this program, so anyone with the benchmark can make them again.
"""

import json
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

_SIDES = {"FastestDet": 352, "vision_transformer": 384}  # set by the benchmark's program
_SAME = (-233, -234)  # paddings that keep the size


class Shape(NamedTuple):
    """A blob: channels, height, width."""

    c: int
    h: int
    w: int

    @property
    def elements(self) -> int:
        """How many numbers it holds."""
        return self.c * self.h * self.w


class Cost(NamedTuple):
    """What one layer makes and costs."""

    kind: str
    shape: Shape
    macs: int = 0
    weights: int = 0


Options = Mapping[int, Sequence[float]]
Costing = Callable[[Options, list[Shape], int], Cost]


def read(path: Path) -> list[list[int | str]]:
    """Return [kind, MACs, numbers moved, weights] per layer of one `.param` file."""
    blobs: dict[str, Shape] = {}
    rows: list[list[int | str]] = []
    for line in path.read_text().splitlines()[2:]:
        words = line.split()
        kind, ins, outs = words[0], int(words[2]), int(words[3])
        names = words[4 : 4 + ins + outs]
        options = _options(words[4 + ins + outs :])
        sources = [blobs[name] for name in names[:ins]]
        side = _SIDES.get(path.stem, 0)
        cost = _COSTS.get(kind, _elementwise)(options, sources or [Shape(3, side, side)], outs)
        shapes = _shared(kind, options, cost.shape, sources, outs)
        blobs.update(zip(names[ins:], shapes, strict=True))
        if kind not in _FREE:
            moved = sum(s.elements for s in sources) + sum(s.elements for s in shapes)
            rows.append([cost.kind, cost.macs, moved, cost.weights])
    return rows


def _options(words: Sequence[str]) -> dict[int, Sequence[float]]:
    options: dict[int, Sequence[float]] = {}
    for word in words:
        key, _, value = word.partition("=")
        numbers = [float(part) for part in value.split(",")]
        index = int(key)
        options[index if index >= 0 else -index - 23300] = numbers[1:] if index < 0 else numbers
    return options


def _get(options: Options, key: int, default: float = 0) -> int:
    return int(options[key][0]) if options.get(key) else int(default)


def _shared(
    kind: str, options: Options, shape: Shape, sources: list[Shape], outs: int
) -> list[Shape]:
    """Return the shape of each output; a slice shares the channels."""
    if kind != "Slice":
        return [shape] * outs
    sizes = [int(size) for size in options[0]]
    left = sources[0].c - sum(size for size in sizes if size > 0)
    free = sum(size < 0 for size in sizes)
    return [shape._replace(c=size if size > 0 else left // free) for size in sizes]


def _window(options: Options, source: Shape, stride: int) -> tuple[int, int, int]:
    """Return height, width and taps of a moving window."""
    kernel_w = _get(options, 1, 1)
    kernel_h = _get(options, 11, kernel_w)
    step_w = _get(options, stride, 1)
    step_h = _get(options, stride + 10, step_w)
    pads = _get(options, stride + 1) if stride == 3 else _get(options, 3)
    key = stride + 1 if stride == 3 else 3
    if pads in _SAME or (stride == 2 and _get(options, 5) in (2, 3)):
        return -(-source.h // step_h), -(-source.w // step_w), kernel_w * kernel_h
    top = _get(options, key + 10, pads)
    tall = source.h + top + _get(options, 16 if stride == 3 else 15, top) - kernel_h
    wide = source.w + pads + _get(options, 15 if stride == 3 else 14, pads) - kernel_w
    round_up = stride == 2 and _get(options, 5) == 0
    count = math.ceil if round_up else math.floor
    return count(tall / step_h) + 1, count(wide / step_w) + 1, kernel_w * kernel_h


def _convolution(options: Options, sources: list[Shape], _: int) -> Cost:
    source = sources[0]
    out, groups = _get(options, 0), _get(options, 7, 1)
    height, width, taps = _window(options, source, 3)
    weights = out * (source.c // groups) * taps
    step = _get(options, 3, 1)
    if groups == source.c and groups > 1:
        kind = "depthwise"
    elif groups > 1:
        kind = "grouped"
    elif taps == 1:
        kind = "pointwise"
    else:
        kind = "winograd" if taps == 9 and step == 1 and source.c >= 16 <= out else "conv"
    return Cost(kind, Shape(out, height, width), weights * height * width, weights)


def _deconvolution(options: Options, sources: list[Shape], _: int) -> Cost:
    source = sources[0]
    out, kernel, step = _get(options, 0), _get(options, 1, 1), _get(options, 3, 1)
    side = (source.h - 1) * step + kernel - 2 * _get(options, 4)
    shape = Shape(out, side, side)
    return Cost("depthwise", shape, shape.elements * kernel * kernel // step**2, out * kernel**2)


def _inner_product(options: Options, sources: list[Shape], _: int) -> Cost:
    out = _get(options, 0)
    weights = out * sources[0].elements
    return Cost("fc", Shape(out, 1, 1), weights, weights)


def _pooling(options: Options, sources: list[Shape], _: int) -> Cost:
    source = sources[0]
    if _get(options, 4):
        return Cost("elementwise", Shape(source.c, 1, 1), source.elements)
    height, width, taps = _window(options, source, 2)
    shape = Shape(source.c, height, width)
    return Cost("elementwise", shape, shape.elements * taps)


def _elementwise(_: Options, sources: list[Shape], __: int) -> Cost:
    shape = max(sources, key=lambda s: s.elements)
    return Cost("elementwise", shape, shape.elements)


def _input(options: Options, sources: list[Shape], _: int) -> Cost:
    if not options.get(0):
        return Cost("elementwise", sources[0])
    return Cost("elementwise", Shape(_get(options, 2, 1), _get(options, 1, 1), _get(options, 0)))


def _concat(_: Options, sources: list[Shape], __: int) -> Cost:
    if len({(s.h, s.w) for s in sources}) == 1:
        shape = sources[0]._replace(c=sum(s.c for s in sources))
    else:
        shape = Shape(sum(s.elements for s in sources), 1, 1)
    return Cost("elementwise", shape)


def _reshape(options: Options, sources: list[Shape], _: int) -> Cost:
    asked = [_get(options, key, 1) for key in (2, 1, 0)]
    fixed = math.prod(size for size in asked if size > 0)
    shape = Shape(*(size if size > 0 else sources[0].elements // fixed for size in asked))
    return Cost("elementwise", shape)


def _crop(options: Options, sources: list[Shape], _: int) -> Cost:
    source = sources[0]
    if options.get(9):
        return Cost("elementwise", source._replace(c=int(options[10][0] - options[9][0])))
    wanted = Shape(_get(options, 5), _get(options, 4), _get(options, 3))
    return Cost("elementwise", wanted)


def _padding(options: Options, sources: list[Shape], _: int) -> Cost:
    top, bottom, left, right = (_get(options, key) for key in range(4))
    source = sources[0]
    shape = Shape(source.c + _get(options, 7) + _get(options, 8), source.h + top + bottom,
                  source.w + left + right)  # fmt: skip
    return Cost("elementwise", shape)


def _interp(options: Options, sources: list[Shape], _: int) -> Cost:
    source = sources[0]
    scale = options[1][0]
    shape = Shape(source.c, int(source.h * scale), int(source.w * scale))
    return Cost("elementwise", shape, 4 * shape.elements)


def _reduction(_: Options, sources: list[Shape], __: int) -> Cost:
    return Cost("elementwise", Shape(sources[0].c, 1, 1), sources[0].elements)


def _flatten(_: Options, sources: list[Shape], __: int) -> Cost:
    return Cost("elementwise", Shape(sources[0].elements, 1, 1))


def _attention(options: Options, sources: list[Shape], _: int) -> Cost:
    source, width = sources[0], _get(options, 0)
    tokens = source.elements // width
    macs = 4 * tokens * width**2 + 2 * tokens**2 * width
    return Cost("matmul", source, macs, 4 * width**2)


def _gemm(options: Options, sources: list[Shape], _: int) -> Cost:
    columns, depth = _get(options, 8), _get(options, 9)
    rows = sources[0].elements // depth
    return Cost("matmul", Shape(1, rows, columns), rows * columns * depth, columns * depth)


def _anchors(_: Options, sources: list[Shape], __: int) -> Cost:
    return Cost("elementwise", Shape(sources[0].h * sources[0].w * 8, 1, 1))


def _detection(_: Options, sources: list[Shape], __: int) -> Cost:
    return Cost("elementwise", Shape(1, 100, 6), sum(s.elements for s in sources))


_COSTS: Mapping[str, Costing] = {
    "Convolution": _convolution,
    "ConvolutionDepthWise": _convolution,
    "Crop": _crop,
    "DeconvolutionDepthWise": _deconvolution,
    "DetectionOutput": _detection,
    "Concat": _concat,
    "Flatten": _flatten,
    "Gemm": _gemm,
    "InnerProduct": _inner_product,
    "Input": _input,
    "Interp": _interp,
    "MemoryData": _input,
    "MultiHeadAttention": _attention,
    "Padding": _padding,
    "Pooling": _pooling,
    "PriorBox": _anchors,
    "Reduction": _reduction,
    "Reshape": _reshape,
    "Yolov3DetectionOutput": _detection,
    "YoloDetectionOutput": _detection,
}
_FREE = frozenset(("Dropout", "Flatten", "Input", "MemoryData", "Noop", "Reshape", "Split"))

if __name__ == "__main__":
    texts = sorted(Path(sys.argv[1]).glob("*.param"))
    print(json.dumps({path.stem: read(path) for path in texts}))
