"""Layers that move or choose numbers and compute nothing, and those that bring some in."""

import math
from collections.abc import Sequence
from itertools import pairwise

from benchmarks.families.layer_rules import (
    Cost,
    LayerError,
    Options,
    Shape,
    Stored,
    at_least,
    axis_of,
    integer,
    integers,
    one_of,
    placed,
)

REST = -233  # nothing given; in a slice: an equal share of what is left
_SIZES = (2, 11, 1, 0)  # options of channels, depth, height and width
_COMPLETE = ((0,), (1, 0), (2, 1, 0), _SIZES)  # of one to four dimensions
#: What lies innermost, then outwards, per order and number of dimensions.
_ORDERS = {
    1: ["w"],
    2: ["wh", "hw"],
    3: ["whc", "hwc", "wch", "cwh", "hcw", "chw"],
    4: [
        *("whdc", "hwdc", "wdhc", "dwhc", "hdwc", "dhwc", "whcd", "hwcd", "wchd", "cwhd", "hcwd"),
        *("chwd", "wdch", "dwch", "wcdh", "cwdh", "dcwh", "cdwh", "hdcw", "dhcw", "hcdw", "chdw"),
        *("dchw", "cdhw"),
    ],
}
_AXES = {1: "w", 2: "hw", 3: "chw", 4: "cdhw"}  # outermost first


def picture(options: Options, _: Sequence[Shape]) -> Cost:
    """The input of a network."""
    if 0 not in options:
        raise LayerError("has no size: write 0=WIDTH 1=HEIGHT 2=CHANNELS behind the input's name")
    for key in _SIZES:
        at_least(options, key, 1, 1)
    return Cost(Shape(*(integer(options, key, 0) for key in _given(options, 0))))


def constant(options: Options, _: Sequence[Shape]) -> Cost:
    """`MemoryData`: a stored blob."""
    is_tagged = not one_of(options, 21, 1, (0, 1))
    shape = Shape(*(at_least(options, key, 0, 1) for key in _given(options, 0)))
    return Cost(shape, stored=(Stored(shape.elements, is_tagged),))


def _given(options: Options, missing: int) -> tuple[int, ...]:
    """Return the options that give a size, outermost first."""
    keys = tuple(key for key in _SIZES if integer(options, key, missing) != missing)
    if keys not in _COMPLETE:
        raise LayerError("must give the width, or width and height, then channels, then depth")
    return keys


def reshape(options: Options, inputs: Sequence[Shape]) -> Cost:
    """The same numbers in another shape; 0 keeps a size, -1 is whatever is left."""
    source = inputs[0]
    keys = _given(options, REST)
    known = dict(zip(_AXES[len(source)], source, strict=True))
    names = dict(zip(_SIZES, "cdhw", strict=True))
    sizes = [
        known.get(names[key], 1) if options[key] == 0 else integer(options, key, 0) for key in keys
    ]
    if sizes.count(-1) > 1 or any(size < -1 for size in sizes) or not sizes:
        raise LayerError(f"cannot reshape {source} to {sizes}")
    fixed = math.prod(size for size in sizes if size != -1)
    shape = Shape(*(source.elements // fixed if size == -1 else size for size in sizes))
    if shape.elements != source.elements:
        raise LayerError(f"cannot reshape {source} to {shape}")
    return Cost(shape)


def permute(options: Options, inputs: Sequence[Shape]) -> Cost:
    """The axes in another order."""
    return Cost(Shape(*(inputs[0][axis] for axis in permuted_axes(options, inputs[0]))))


def permuted_axes(options: Options, source: Shape) -> tuple[int, ...]:
    """Return where each axis of the output comes from."""
    if len(source) == 1:
        return (0,)
    orders = _ORDERS[len(source)]
    order = orders[one_of(options, 0, 0, range(len(orders)))]
    return tuple(_AXES[len(source)].index(letter) for letter in reversed(order))


def flatten(_: Options, inputs: Sequence[Shape]) -> Cost:
    """One long vector."""
    return Cost(Shape(inputs[0].elements))


def squeeze(options: Options, inputs: Sequence[Shape]) -> Cost:
    """Axes of size 1 are left out."""
    source, axes = inputs[0], integers(options, 3)
    if axes:
        gone = {placed(axis, len(source)) for axis in axes}
    else:
        names = dict(zip("cdhw", _SIZES, strict=True))
        letters = enumerate(_AXES[len(source)])
        gone = {axis for axis, letter in letters if integer(options, names[letter], 0)}
    sizes = [size for axis, size in enumerate(source) if size != 1 or axis not in gone]
    return Cost(Shape(*(sizes or [1])))


def expand(options: Options, inputs: Sequence[Shape]) -> Cost:
    """Axes of size 1 are put in."""
    axes, sizes = integers(options, 3), list(inputs[0])
    dimensions = len(sizes) + len(axes)
    if dimensions > 4 or not axes:
        raise LayerError(f"cannot put {len(axes)} axes into {inputs[0]}; array 3 names them")
    for axis in sorted(placed(axis, dimensions) for axis in axes):
        sizes.insert(axis, 1)
    if len(sizes) != dimensions:
        raise LayerError(f"names an axis twice: {axes}")
    return Cost(Shape(*sizes))


def concatenate(options: Options, inputs: Sequence[Shape]) -> Cost:
    """Blobs one behind the other."""
    first = inputs[0]
    axis = axis_of(options, 0, 0, first)
    for shape in inputs:
        if len(shape) != len(first) or _without(shape, axis) != _without(first, axis):
            raise LayerError(f"joins {' and '.join(map(str, inputs))} along axis {axis}")
    sizes = list(first)
    sizes[axis] = sum(shape[axis] for shape in inputs)
    return Cost(Shape(*sizes))


def _without(shape: Shape, axis: int) -> tuple[int, ...]:
    return (*shape[:axis], *shape[axis + 1 :])


def divide(options: Options, inputs: Sequence[Shape]) -> Cost:
    """`Slice`: the parts of a blob, by their sizes or by where they end."""
    axis = axis_of(options, 1, 0, inputs[0])
    whole, sizes = inputs[0][axis], list(integers(options, 0))
    if ends := integers(options, 2):
        if sizes:
            raise LayerError("names both sizes and ends of its parts")
        edges = [0, *(end + whole if end < 0 else end for end in ends), whole]
        sizes = [after - before for before, after in pairwise(edges)]
    taken = 0
    for at, size in enumerate(sizes):
        sizes[at] = (whole - taken) // (len(sizes) - at) if size == REST else size
        taken += sizes[at]
    if taken != whole or not sizes or min(sizes) < 1:
        raise LayerError(f"cannot divide {whole} into {sizes}")
    parts = tuple(Shape(*inputs[0][:axis], size, *inputs[0][axis + 1 :]) for size in sizes)
    return Cost(parts[0], parts=parts)


def crop(options: Options, inputs: Sequence[Shape]) -> Cost:
    """A part of a blob."""
    return Cost(Shape(*(stop - start for start, stop in cropped(options, inputs[0]))))


def cropped(options: Options, source: Shape) -> tuple[tuple[int, int], ...]:
    """Return where a crop begins and ends, per axis."""
    starts, ends, axes = (integers(options, key) for key in (9, 10, 11))
    if bool(starts) != bool(ends) or (axes and not starts):
        raise LayerError("needs starts and ends together: arrays 9 and 10")
    spans = _by_axes(source, starts, ends, axes) if starts else _by_sides(options, source)
    for (start, stop), size in zip(spans, source, strict=True):
        if not 0 <= start < stop <= size:
            raise LayerError(f"cannot take {start} to {stop} of {size}")
    return tuple(spans)


def _by_axes(
    source: Shape, starts: Sequence[int], ends: Sequence[int], axes: Sequence[int]
) -> list[tuple[int, int]]:
    axes = axes or range(len(source))
    if not len(starts) == len(ends) == len(axes):
        raise LayerError(f"has {len(starts)} starts and {len(ends)} ends for {len(axes)} axes")
    spans = [(0, size) for size in source]
    for start, end, axis in zip(starts, ends, axes, strict=True):
        at = placed(axis, len(source))
        size = source[at]
        first = 0 if start == REST else start + size * (start < 0)
        last = size if end == REST else end + size * (end <= 0)
        spans[at] = (first, min(size, last))
    return spans


def _by_sides(options: Options, source: Shape) -> list[tuple[int, int]]:
    keys = {"w": (0, 3, 6), "h": (1, 4, 7), "c": (2, 5, 8), "d": (13, 14, 15)}
    spans = []
    for letter, size in zip(_AXES[len(source)], source, strict=True):
        before, wanted, after = keys[letter]
        start = at_least(options, before, 0, 0)
        left = size - start - at_least(options, after, 0, 0)
        asked = integer(options, wanted, 0)
        spans.append((start, start + (left if asked == REST else min(asked, left))))
    return spans


def shuffle(options: Options, inputs: Sequence[Shape]) -> Cost:
    """`ShuffleChannel`: channels of groups, dealt out in turn."""
    channels, _, _ = inputs[0].picture
    groups = at_least(options, 0, 1, 1)
    one_of(options, 1, 0, (0, 1))
    if channels % groups:
        raise LayerError(f"{groups} groups do not divide {channels} channels")
    return Cost(inputs[0])
