"""What one inference needs of whoever computes it: memory at one time, and bytes to move."""

from collections.abc import Callable, Mapping

from benchmarks.families.layer_rules import NUMBER_BYTES, integer
from benchmarks.families.layers.windows import Span, convolution_spans, pooling_spans
from benchmarks.families.param_file import Layer, ParamFile


def most_live_bytes(network: ParamFile) -> int:
    """Return how many bytes of blobs, and of what layers keep beside them, are needed at once."""
    live = most = 0
    for layer in network.layers:
        live += sum(network.blobs[blob].elements for blob in layer.outputs)
        most = max(most, live + scratch_numbers(layer))
        live -= sum(network.blobs[blob].elements for blob in layer.inputs)
    return NUMBER_BYTES * most


def moved_bytes(network: ParamFile) -> int:
    """Return how many bytes all layers together must at least read and write."""
    scratch = sum(scratch_numbers(layer) for layer in network.layers)
    return sum(layer.traffic_bytes for layer in network.layers) + NUMBER_BYTES * scratch


def scratch_numbers(layer: Layer) -> int:
    """Return how many numbers a layer needs beside its inputs and outputs, at most."""
    needed = _SCRATCH.get(layer.type)
    return needed(layer) if needed else 0


def _convolution(layer: Layer) -> int:
    return _bordered(layer, convolution_spans(layer.options, layer.sources[0]))


def _pooling(layer: Layer) -> int:
    """Count what every window sees: a large window over a large picture sees much."""
    if integer(layer.options, 4, 0):  # all of the picture
        return 0
    if integer(layer.options, 7, 0):  # shares of it, which overlap by a row and a column
        return 2 * (layer.sources[0].elements + layer.cost.shape.elements)
    spans = pooling_spans(layer.options, layer.sources[0])
    seen = spans[0].taps * spans[1].taps * layer.cost.shape.elements
    return _bordered(layer, spans) + seen


def _bordered(layer: Layer, spans: tuple[Span, Span]) -> int:
    channels, height, width = layer.sources[0].picture
    down, across = spans
    return channels * (height + down.before + down.after) * (width + across.before + across.after)


def _neighbors(layer: Layer) -> int:
    return integer(layer.options, 1, 5) * layer.sources[0].elements


def _attention(layer: Layer) -> int:
    """Count the scores of each row for each other."""
    asking, seen = layer.sources[0], layer.sources[min(1, len(layer.sources) - 1)]
    heads = asking[0] if layer.type == "SDPA" else integer(layer.options, 1, 1)
    return heads * asking[-2] * seen[-2]


_SCRATCH: Mapping[str, Callable[[Layer], int]] = {
    "Convolution": _convolution,
    "ConvolutionDepthWise": _convolution,
    "Pooling": _pooling,
    "LRN": _neighbors,
    "MultiHeadAttention": _attention,
    "SDPA": _attention,
}
