"""Windows over pictures: a convolution is a sum of shifted matrix products here."""

from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks.families.layer_rules import Options, at_least, integer, number
from benchmarks.families.layers.windows import (
    FULL,
    NEAREST,
    VALID,
    Span,
    activation,
    convolution_spans,
    padding_borders,
    pooling_spans,
)
from benchmarks.families.param_file import Layer
from benchmarks.families.steps.stored import Blob, Blocks

_BORDERS = ("constant", "edge", "reflect")


def _bordered(blob: Blob, spans: tuple[Span, Span], fill: float) -> Blob:
    edges = ((0, 0), *((span.before, span.after) for span in spans))
    return np.pad(blob, edges, constant_values=fill)


def _shifts(blob: Blob, spans: tuple[Span, Span]) -> Iterator[tuple[int, int, Blob]]:
    """Yield for each tap of a window what it sees at every place: [channels, height, width]."""
    down, across = spans
    for row in range(down.taps):
        for column in range(across.taps):
            rows = _seen(down, row)
            columns = _seen(across, column)
            yield row, column, blob[:, rows, columns]


def _seen(span: Span, tap: int) -> slice:
    first = tap * span.dilation
    return slice(first, first + span.stride * (span.count - 1) + 1, span.stride)


def activated(options: Options, blob: Blob) -> Blob:
    """Return what a fused activation makes of a blob."""
    kind, numbers = activation(options)
    if kind == 1:
        return np.maximum(blob, 0.0)
    if kind == 2:
        return np.where(blob > 0, blob, blob * numbers[0])
    if kind == 3:
        return np.clip(blob, numbers[0], numbers[1])
    if kind == 4:
        return 1.0 / (1.0 + np.exp(-blob))
    if kind == 5:
        return blob * np.tanh(np.logaddexp(0.0, blob))
    if kind == 6:
        return blob * np.clip(numbers[0] * blob + numbers[1], 0.0, 1.0)
    return blob


def convolution(layer: Layer, sources: Sequence[Blob], blocks: Blocks) -> Blob:
    """Return a convolution, in one group or several."""
    shape, spans = layer.cost.shape, convolution_spans(layer.options, layer.sources[0])
    groups = integer(layer.options, 7, 1) if layer.type == "ConvolutionDepthWise" else 1
    down, across = spans
    taps = blocks[0].reshape(groups, shape[0] // groups, -1, down.taps, across.taps)
    total = np.zeros((groups, shape[0] // groups, shape[1] * shape[2]))
    bordered = _bordered(sources[0], spans, number(layer.options, 18, 0.0))
    for row, column, seen in _shifts(bordered, spans):
        total += taps[..., row, column] @ seen.reshape(groups, -1, shape[1] * shape[2])
    biases = blocks[1].reshape(-1, 1, 1) if len(blocks) > 1 else 0.0
    return activated(layer.options, total.reshape(shape) + biases)


def pooling(layer: Layer, sources: Sequence[Blob], _: Blocks) -> Blob:
    """Return maxima or means of windows, of shares of the picture, or of all of it."""
    blob, options = sources[0], layer.options
    is_mean = integer(options, 0, 0) == 1
    if integer(options, 4, 0):
        whole: Blob = blob.mean((1, 2)) if is_mean else blob.max((1, 2))
        return whole
    if integer(options, 7, 0):
        return _adaptive(blob, layer.cost.shape, is_mean=is_mean)
    spans = pooling_spans(options, layer.sources[0])
    bordered = _bordered(blob, spans, 0.0 if is_mean else -np.inf)
    seen = np.stack([tap for *_, tap in _shifts(bordered, spans)])
    if not is_mean:
        largest: Blob = seen.max(0)
        return largest
    counts: Blob | int = len(seen)
    if not integer(options, 6, 0) and integer(options, 5, 0) in (FULL, VALID):
        # The border does not count, unless it is the one that keeps the size.
        inside = _bordered(np.ones_like(blob[:1]), spans, 0.0)
        counts = np.stack([tap for *_, tap in _shifts(inside, spans)]).sum(0)
    mean: Blob = seen.sum(0) / counts
    return mean


def _adaptive(blob: Blob, shape: Sequence[int], *, is_mean: bool) -> Blob:
    made = np.empty(shape)
    for row, rows in enumerate(_shares(blob.shape[1], shape[1])):
        for column, columns in enumerate(_shares(blob.shape[2], shape[2])):
            seen = blob[:, rows, columns]
            made[:, row, column] = seen.mean((1, 2)) if is_mean else seen.max((1, 2))
    return made


def _shares(size: int, parts: int) -> Iterator[slice]:
    for part in range(parts):
        yield slice(size * part // parts, -(-size * (part + 1) // parts))


def padding(layer: Layer, sources: Sequence[Blob], _: Blocks) -> Blob:
    """Return a blob with a border."""
    borders = padding_borders(layer.options, layer.sources[0])
    kind = _BORDERS[integer(layer.options, 4, 0)]
    if kind == "constant":
        return np.pad(sources[0], borders, constant_values=number(layer.options, 5, 0.0))
    return np.pad(sources[0], borders, mode=kind)  # type: ignore[call-overload,no-any-return]


def interpolation(layer: Layer, sources: Sequence[Blob], _: Blocks) -> Blob:
    """Return a picture in another size."""
    options, blob = layer.options, sources[0]
    is_nearest = integer(options, 0, 0) == NEAREST
    for axis, key in ((1, 1), (2, 2)):
        size, wanted = blob.shape[axis], layer.cost.shape[axis]
        step = size / wanted if at_least(options, key + 2, 0, 0) else 1 / number(options, key, 1.0)
        if is_nearest:
            blob = blob.take(np.minimum(np.arange(wanted) * step, size - 1).astype(int), axis)
        else:
            blob = _between(blob, axis, wanted, aligned=bool(integer(options, 6, 0)))
    return blob


def _between(blob: Blob, axis: int, wanted: int, *, aligned: bool) -> Blob:
    """Return a blob resized along an axis, each number between its two neighbors."""
    size = blob.shape[axis]
    places = np.arange(wanted, dtype=np.float64)
    if aligned:
        places = places * (size - 1) / max(1, wanted - 1)
    else:
        places = (places + 0.5) * size / wanted - 0.5
    places = np.clip(places, 0.0, size - 1)
    low = np.minimum(places.astype(int), max(0, size - 2))
    share = (places - low).reshape([-1 if at == axis else 1 for at in range(blob.ndim)])
    high = np.minimum(low + 1, size - 1)
    mixed: Blob = blob.take(low, axis) * (1.0 - share) + blob.take(high, axis) * share
    return mixed
