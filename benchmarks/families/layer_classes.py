"""What a layer does, in a word: what arithmetic there is to do, and over what."""

from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.families.param_file import Layer, ParamFile

_WORDS = {
    "Gemm": "matrix product",
    "MatMul": "matrix product",
    "MultiHeadAttention": "attention",
    "SDPA": "attention",
}
OTHER = "other"
#: In the order in which they are shown.
CLASSES = (
    "convolution", "pointwise", "depthwise", "grouped", "fully connected", "matrix product",
    "attention", OTHER,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """The layers of one class, together."""

    name: str
    layers: int
    macs: int
    macs_share: float  # of the network's multiply-accumulates [1]
    weight_bytes: int
    traffic_bytes: int


def class_of(layer: Layer) -> str:
    """Return the class of a layer; what only passes over its numbers is `other`."""
    if layer.type == "Convolution":
        taps = layer.cost.stored[0].numbers // (layer.cost.shape[0] * layer.sources[0][0])
        return "pointwise" if taps == 1 else "convolution"
    if layer.type == "ConvolutionDepthWise":
        is_apart = layer.options.get(7, 1) == layer.sources[0][0]
        return "depthwise" if is_apart else "grouped"
    if layer.type == "InnerProduct":
        return "matrix product" if len(layer.cost.shape) == 2 else "fully connected"
    return _WORDS.get(layer.type, OTHER)


def parts_of(network: ParamFile) -> tuple[Part, ...]:
    """Return the classes that a network has, with what each costs."""
    total = max(1, network.macs)
    by_class: dict[str, list[Layer]] = {name: [] for name in CLASSES}
    for layer in network.layers:
        by_class[class_of(layer)].append(layer)
    return tuple(_part(name, layers, total) for name, layers in by_class.items() if layers)


def _part(name: str, layers: Iterable[Layer], total: int) -> Part:
    found = list(layers)
    macs = sum(layer.cost.macs for layer in found)
    return Part(
        name,
        len(found),
        macs,
        macs / total,
        sum(layer.weight_bytes for layer in found),
        sum(layer.traffic_bytes for layer in found),
    )
