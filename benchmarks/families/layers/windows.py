"""Layers that move a window over a picture: convolutions, pooling, borders, resizing."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.families.layer_rules import (
    Cost,
    LayerError,
    Options,
    Shape,
    Stored,
    at_least,
    integer,
    matched,
    number,
    numbers,
    one_of,
)

SAME_UPPER, SAME_LOWER = -233, -234  # paddings that keep the size
FULL, VALID, UPPER, LOWER = range(4)  # of pooling
MAX_BORDER = 4096  # a security limit: wider ones overflow the native reader
CONSTANT, REPLICATED, REFLECTED = range(3)  # borders
NEAREST, BILINEAR = 1, 2
_USUAL = {1: 0, 2: 1, 3: 1}  # per option: no kernel, and one step or dilation
_PARAMETERS = {0: 0, 1: 0, 2: 1, 3: 2, 4: 0, 5: 0, 6: 2}  # fused activation -> its numbers


@dataclass(frozen=True, slots=True)
class Span:
    """A window along one axis: taps, steps, and how far the border reaches out."""

    taps: int
    stride: int
    dilation: int
    before: int
    after: int
    count: int  # of its places

    @property
    def extent(self) -> int:
        """What it covers, gaps included."""
        return self.dilation * (self.taps - 1) + 1


def activation(options: Options) -> tuple[int, tuple[float, ...]]:
    """Return the fused activation and its numbers."""
    kind = one_of(options, 9, 0, tuple(_PARAMETERS))
    found = numbers(options, 10)
    if len(found) < _PARAMETERS[kind]:
        raise LayerError(
            f"activation {kind} needs {_PARAMETERS[kind]} numbers in array 10, not {len(found)}"
        )
    return kind, found


def convolution_spans(options: Options, source: Shape) -> tuple[Span, Span]:
    """Return how a convolution moves: down, then across."""
    _, height, width = source.picture
    left = at_least(options, 4, 0, SAME_LOWER)
    top = integer(options, 14, left)
    pads = ((top, integer(options, 16, top)), (left, integer(options, 15, left)))
    around = {*pads[0], *pads[1]}
    if min(around) < 0 and len(around) > 1:
        raise LayerError(f"pads {sorted(around)}: -233 keeps the size only if it is all around")
    spans = []
    for side, keys, (before, after) in zip(
        (height, width), ((11, 13, 12), (1, 3, 2)), pads, strict=True
    ):
        kernel, stride, dilation = (_along(options, key) for key in keys)
        spans.append(_span(side, kernel, stride, dilation, before, after))
    return spans[0], spans[1]


def pooling_spans(options: Options, source: Shape) -> tuple[Span, Span]:
    """Return how a pooling window moves; the border after includes what fills the last window."""
    _, height, width = source.picture
    mode = one_of(options, 5, FULL, (FULL, VALID, UPPER, LOWER))
    left = at_least(options, 3, 0, 0)
    top = at_least(options, 13, left, 0)
    pads = ((top, at_least(options, 15, top, 0)), (left, at_least(options, 14, left, 0)))
    spans = []
    for side, keys, (before, after) in zip((height, width), ((11, 12), (1, 2)), pads, strict=True):
        kernel, stride = (_along(options, key) for key in keys)
        if mode in (UPPER, LOWER):
            if before or after:
                raise LayerError(f"option 5={mode} keeps the size: it takes no border of its own")
            before = after = SAME_UPPER if mode == UPPER else SAME_LOWER
        elif mode == FULL:
            after += -(side + before + after - kernel) % stride
        spans.append(_span(side, kernel, stride, 1, before, after))
    return spans[0], spans[1]


def _along(options: Options, key: int) -> int:
    """Return kernel, step or dilation along an axis; 11, 12 and 13 repeat 1, 2 and 3 if absent."""
    given = key if key in options else key % 10
    return at_least(options, given, _USUAL[key % 10], 1)


def _span(side: int, kernel: int, stride: int, dilation: int, before: int, after: int) -> Span:
    extent = dilation * (kernel - 1) + 1
    if before == after and before in (SAME_UPPER, SAME_LOWER):
        whole = extent + (side - 1) // stride * stride - side
        if whole < 0:
            raise LayerError(f"a window of {extent} cannot keep the size in steps of {stride}")
        short, long = whole // 2, whole - whole // 2
        before, after = (short, long) if before == SAME_UPPER else (long, short)
    if not (0 <= before <= MAX_BORDER and 0 <= after <= MAX_BORDER):
        raise LayerError(
            f"pads {before} and {after}: a border is 0 to {MAX_BORDER} wide, or -233 all around"
        )
    count = (side + before + after - extent) // stride + 1
    if count < 1:
        raise LayerError(f"a window of {extent} does not fit into {side}")
    return Span(kernel, stride, dilation, before, after, count)


def convolution(options: Options, inputs: Sequence[Shape]) -> Cost:
    """One filter over all channels."""
    return _grouped(options, inputs[0], 1)


def depthwise(options: Options, inputs: Sequence[Shape]) -> Cost:
    """Filters over groups of channels."""
    return _grouped(options, inputs[0], at_least(options, 7, 1, 1))


def _grouped(options: Options, source: Shape, groups: int) -> Cost:
    out = at_least(options, 0, 0, 1)
    activation(options)
    number(options, 18, 0.0)
    one_of(options, 8, 0, (0,))  # 8-bit weights
    one_of(options, 19, 0, (0,))  # weights that another layer computes
    down, across = convolution_spans(options, source)
    channels = source[0]
    if channels % groups or out % groups:
        raise LayerError(f"{groups} groups do not divide {channels} → {out} channels")
    weights = out * (channels // groups) * down.taps * across.taps
    matched(integer(options, 6, 0), weights)
    shape = Shape(out, down.count, across.count)
    return Cost(shape, weights * down.count * across.count, stored(weights, out, options, 5))


def stored(weights: int, out: int, options: Options, bias_key: int) -> tuple[Stored, ...]:
    """Return tagged weights, and biases where there are any."""
    has_bias = one_of(options, bias_key, 0, (0, 1))
    return (Stored(weights, True), *([Stored(out)] if has_bias else []))


def pooling(options: Options, inputs: Sequence[Shape]) -> Cost:
    """The largest or the mean of a window, of a share of the picture, or of all of it."""
    one_of(options, 0, 0, (0, 1))
    one_of(options, 6, 0, (0, 1))
    channels, height, width = inputs[0].picture
    if integer(options, 4, 0):
        return Cost(Shape(channels))
    if integer(options, 7, 0):
        across = at_least(options, 8, 0, SAME_UPPER)
        down = at_least(options, 18, across, SAME_UPPER)
        sizes = (height if down == SAME_UPPER else down, width if across == SAME_UPPER else across)
        if min(sizes) < 1:
            raise LayerError(f"cannot pool to {sizes[0]}×{sizes[1]}")
        return Cost(Shape(channels, *sizes))
    down_span, across_span = pooling_spans(options, inputs[0])
    return Cost(Shape(channels, down_span.count, across_span.count))


def padding(options: Options, inputs: Sequence[Shape]) -> Cost:
    """A border around a blob of up to three dimensions."""
    one_of(options, 4, 0, (CONSTANT, REPLICATED, REFLECTED))
    one_of(options, 6, 0, (0,))  # a value per channel
    number(options, 5, 0.0)
    borders = padding_borders(options, inputs[0])
    sizes = [size + sum(pair) for size, pair in zip(inputs[0], borders, strict=True)]
    return Cost(Shape(*sizes))


def padding_borders(options: Options, source: Shape) -> tuple[tuple[int, int], ...]:
    """Return what is added before and after, per axis."""
    if len(source) > 3:
        raise LayerError(f"pads blobs of up to three dimensions, not {source}")
    keys = ((7, 8), (0, 1), (2, 3))[-len(source) :]
    found = tuple((at_least(options, a, 0, 0), at_least(options, b, 0, 0)) for a, b in keys)
    if integer(options, 4, 0) == REFLECTED:
        for size, pair in zip(source, found, strict=True):
            if max(pair) >= size:
                raise LayerError(f"cannot reflect {max(pair)} of {size}")
    return found


def interpolation(options: Options, inputs: Sequence[Shape]) -> Cost:
    """A picture in another size."""
    one_of(options, 0, 0, (NEAREST, BILINEAR))
    one_of(options, 5, 0, (0,))  # a size that another blob has
    one_of(options, 6, 0, (0, 1))
    channels, height, width = inputs[0].picture
    if bool(integer(options, 3, 0)) != bool(integer(options, 4, 0)):
        raise LayerError("options 3 and 4, height and width, are given together or not at all")
    down = at_least(options, 3, 0, 0) or int(height * number(options, 1, 1.0))
    across = at_least(options, 4, 0, 0) or int(width * number(options, 2, 1.0))
    if down < 1 or across < 1:
        raise LayerError(f"cannot resize {height}×{width} to {down}×{across}")
    return Cost(Shape(channels, down, across))
