"""Windows that move over pictures: convolutions, pooling, borders, resizing."""

from devices.virtual.layers.words import (
    REST,
    Cost,
    Options,
    Shape,
    announced,
    elements,
    get,
    passed,
    picture,
)  # fmt: skip

_WINOGRAD_CHANNELS = 16  # with fewer, its transforms cost more than they save
_UPPER, _LOWER = -233, -234  # paddings that keep the size


def _counted(side: int, taps: int, step: int, before: int, after: int, *, up: bool = False) -> int:
    """Return at how many places a window stands along one side."""
    if taps < 1 or step < 1:
        raise ValueError(f"kernel {taps} and stride {step} must be positive")
    if before in (_UPPER, _LOWER):
        return -(-side // step)
    left = side + before + after - taps
    return (-(-left // step) if up else left // step) + 1


def convolution(options: Options, sources: list[Shape]) -> Cost:
    """A convolution, in one group or several."""
    channels, height, width = picture(sources[0])
    out, groups = get(options, 0), get(options, 7, 1)
    across, step_x, gap_x = get(options, 1), get(options, 3, 1), get(options, 2, 1)
    down, step_y, gap_y = (
        get(options, 11, across),
        get(options, 13, step_x),
        get(options, 12, gap_x),
    )
    left = get(options, 4)
    top = get(options, 14, left)
    rows = _counted(height, gap_y * (down - 1) + 1, step_y, top, get(options, 16, top))
    columns = _counted(width, gap_x * (across - 1) + 1, step_x, left, get(options, 15, left))
    if groups < 1 or channels % groups:
        raise ValueError(f"{groups} groups do not divide {channels} channels")
    weights = out * (channels // groups) * down * across
    kind = _class_of(groups, (channels, out), (down, across), (step_y, step_x, gap_y, gap_x))
    stored = announced(options, 6, weights) + (out if get(options, 5) else 0)
    return Cost(((out, rows, columns),), weights * rows * columns, kind, stored)


def _class_of(groups: int, channels: Shape, taps: Shape, steps: Shape) -> str:
    """Return the class of a convolution, by which kernel can compute it."""
    if groups > 1:
        return "depthwise" if groups == channels[0] else "grouped"
    if taps == (1, 1):
        return "pointwise"
    fits = taps == (3, 3) and set(steps) == {1} and min(channels) >= _WINOGRAD_CHANNELS
    return "winograd" if fits else "conv"


def pooling(options: Options, sources: list[Shape]) -> Cost:
    """Maxima or means of windows, of shares of the picture, or of all of it."""
    channels, height, width = picture(sources[0])
    if get(options, 4):
        return Cost(((channels,),), elements(sources[0]))
    if get(options, 7):
        across = get(options, 8)
        wanted = (get(options, 18, across), across)
        sizes = tuple(s if w == REST else w for w, s in zip(wanted, (height, width), strict=True))
        return Cost(((channels, *sizes),), elements(sources[0]))
    across, step = get(options, 1, 1), get(options, 2, 1)
    down, mode, left = get(options, 11, across), get(options, 5), get(options, 3)
    top = get(options, 13, left)
    keeps, fills = mode in (2, 3), mode == 0
    pads = ((_UPPER, _UPPER),) * 2 if keeps else (
        (top, get(options, 15, top)), (left, get(options, 14, left)),
    )  # fmt: skip
    shape = (
        channels,
        _counted(height, down, get(options, 12, step), *pads[0], up=fills),
        _counted(width, across, step, *pads[1], up=fills),
    )
    return Cost((shape,), elements(shape) * down * across)


def padding(options: Options, sources: list[Shape]) -> Cost:
    """A border around a blob."""
    keys = ((7, 8), (0, 1), (2, 3))[-len(sources[0]) :]
    added = [get(options, before) + get(options, after) for before, after in keys]
    return passed(tuple(map(sum, zip(sources[0], added, strict=True))))


def interp(options: Options, sources: list[Shape]) -> Cost:
    """A picture in another size."""
    channels, height, width = picture(sources[0])
    scales = [options[key][0] if options.get(key) else 1.0 for key in (1, 2)]
    shape = (
        channels,
        get(options, 3) or int(height * scales[0]),
        get(options, 4) or int(width * scales[1]),
    )
    return Cost((shape,), 4 * elements(shape))
