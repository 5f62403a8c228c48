"""One number after the other: arithmetic, norms, reductions."""

from devices.virtual.layers.words import Cost, Costing, Options, Shape, elements, get, passed


def same(_: Options, sources: list[Shape]) -> Cost:
    """What comes out looks as what went in."""
    return passed(sources[0])


def binary(options: Options, sources: list[Shape]) -> Cost:
    """An operation on two blobs, of which one may be repeated, or on a blob and a number."""
    if get(options, 1):
        return passed(sources[0])
    wide, narrow = sorted(sources, key=len, reverse=True)
    if len(narrow) == 1 < len(wide) and narrow[0] != wide[0]:
        narrow = (*(1,) * (len(wide) - 1), *narrow)
    narrow = (*narrow, *(1,) * (len(wide) - len(narrow)))
    if any(one != other and 1 not in (one, other) for one, other in zip(wide, narrow, strict=True)):
        raise ValueError(f"combines blobs of {sources[0]} and {sources[1]}")
    return passed(tuple(map(max, wide, narrow)))


def per_channel(key: int, times: int) -> Costing:
    """Return the rule of a layer that stores `times` numbers per channel of option `key`."""
    return lambda options, sources: passed(sources[0], times * get(options, key))


def scale(options: Options, sources: list[Shape]) -> Cost:
    """A stored factor per channel, and perhaps a bias."""
    size = get(options, 0)
    return passed(sources[0], 0 if size < 0 else size * (1 + get(options, 1)))


def norm(size: int, switch: int) -> Costing:
    """Return the rule of a norm: the options with its size, and whether it stores anything."""

    def cost(options: Options, sources: list[Shape]) -> Cost:
        return passed(sources[0], 2 * get(options, size) * get(options, switch, 1))

    return cost


def reduction(options: Options, sources: list[Shape]) -> Cost:
    """A sum, mean, maximum … over some axes or all."""
    source = sources[0]
    axes = {int(axis) % len(source) for axis in options.get(3, ())}
    if get(options, 1, 1) or len(source) == 1:
        axes = set(range(len(source)))
    kept = tuple(1 if axis in axes else size for axis, size in enumerate(source))
    left = tuple(size for axis, size in enumerate(source) if axis not in axes)
    return Cost((kept if get(options, 4) else left or (1,),), elements(source))
