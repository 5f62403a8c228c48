"""The same numbers elsewhere, and those that a network brings along."""

import math

from devices.virtual.layers.words import REST, SIZES, Cost, Options, Shape, elements, get, passed

_LETTERS = {1: "w", 2: "hw", 3: "chw", 4: "cdhw"}
#: What lies innermost, then outwards, per order.
_ORDERS = {
    2: "wh hw",
    3: "whc hwc wch cwh hcw chw",
    4: "whdc hwdc wdhc dwhc hdwc dhwc whcd hwcd wchd cwhd hcwd chwd "
    "wdch dwch wcdh cwdh dcwh cdwh hdcw dhcw hcdw chdw dchw cdhw",
}


def _sized(options: Options) -> Shape:
    return tuple(get(options, key) for key in SIZES if get(options, key))


def input(options: Options, _: list[Shape]) -> Cost:
    """The input of a network."""
    if not options.get(0):
        raise ValueError("Input has no size")
    return Cost((tuple(get(options, key) for key in SIZES if key in options),))


def constant(options: Options, _: list[Shape]) -> Cost:
    """A stored blob."""
    shape = _sized(options)
    if not shape:
        raise ValueError("MemoryData has no size")
    return Cost((shape,), stored=elements(shape) + (get(options, 21, 1) == 0))


def reshape(options: Options, sources: list[Shape]) -> Cost:
    """The same numbers in another shape."""
    source = sources[0]
    known = dict(zip(_LETTERS[len(source)], source, strict=True))
    asked = [
        get(options, key) or known.get(letter, 1)
        for key, letter in zip(SIZES, "cdhw", strict=True)
        if get(options, key, REST) != REST
    ]
    fixed = math.prod(size for size in asked if size > 0)
    shape = tuple(size if size > 0 else elements(source) // fixed for size in asked)
    if elements(shape) != elements(source):
        raise ValueError(f"cannot reshape {source} to {shape}")
    return Cost((shape,))


def flatten(_: Options, sources: list[Shape]) -> Cost:
    """One long vector."""
    return Cost(((elements(sources[0]),),))


def permute(options: Options, sources: list[Shape]) -> Cost:
    """The axes in another order."""
    source = sources[0]
    if len(source) == 1:
        return passed(source)
    order = _ORDERS[len(source)].split()[get(options, 0)]
    return passed(tuple(source[_LETTERS[len(source)].index(one)] for one in reversed(order)))


def squeeze(options: Options, sources: list[Shape]) -> Cost:
    """Axes of size 1 are left out."""
    source = sources[0]
    gone = {int(axis) % len(source) for axis in options.get(3, ())}
    if not gone:
        keys = dict(zip("cdhw", SIZES, strict=True))
        letters = enumerate(_LETTERS[len(source)])
        gone = {axis for axis, letter in letters if get(options, keys[letter])}
    left = tuple(size for axis, size in enumerate(source) if size != 1 or axis not in gone)
    return Cost((left or (1,),))


def expand(options: Options, sources: list[Shape]) -> Cost:
    """Axes of size 1 are put in."""
    sizes, axes = list(sources[0]), options.get(3, ())
    for axis in sorted(int(axis) % (len(sources[0]) + len(axes)) for axis in axes):
        sizes.insert(axis, 1)
    return Cost((tuple(sizes),))


def concat(options: Options, sources: list[Shape]) -> Cost:
    """Blobs one behind the other."""
    axis = get(options, 0) % len(sources[0])
    sizes = list(sources[0])
    sizes[axis] = sum(shape[axis] for shape in sources)
    return Cost((tuple(sizes),))


def slice(options: Options, sources: list[Shape]) -> Cost:
    """The parts of a blob."""
    source = sources[0]
    axis = get(options, 1) % len(source)
    sizes = [int(size) for size in options.get(0, ())]
    if ends := [int(end) % source[axis] for end in options.get(2, ())]:
        edges = [0, *ends, source[axis]]
        sizes = [edges[at + 1] - edges[at] for at in range(len(ends) + 1)]
    taken = 0
    for at, size in enumerate(sizes):
        sizes[at] = (source[axis] - taken) // (len(sizes) - at) if size == REST else size
        taken += sizes[at]
    return Cost(tuple((*source[:axis], size, *source[axis + 1 :]) for size in sizes))


def crop(options: Options, sources: list[Shape]) -> Cost:
    """A part of a blob."""
    source = sources[0]
    sizes = list(source)
    if options.get(9) and options.get(10):
        axes = options.get(11) or range(len(source))
        for start, end, axis in zip(options[9], options[10], axes, strict=True):
            at = int(axis) % len(source)
            first = 0 if start == REST else int(start) + source[at] * (start < 0)
            last = source[at] if end == REST else int(end) + source[at] * (end <= 0)
            sizes[at] = min(source[at], last) - first
        return Cost((tuple(sizes),))
    keys = {"w": (0, 3, 6), "h": (1, 4, 7), "c": (2, 5, 8), "d": (13, 14, 15)}
    for at, letter in enumerate(_LETTERS[len(source)]):
        before, wanted, after = (get(options, key) for key in keys[letter])
        left = source[at] - before - after
        sizes[at] = left if wanted == REST else min(wanted, left)
    return Cost((tuple(sizes),))
