"""A ResNet50-like family: bottleneck residuals, 224×224 images, 1000 classes, seeded weights.

Its timing and plumbing are real, its accuracy is not: nobody trained these weights.
"""

import math
from collections.abc import Sequence

from benchmarks.families.graph import Channels, GraphWriter, scaled

WIDTHS = (1.0, 0.75, 0.5, 0.25)
SIZE = 224
CLASSES = 1000
SEED = 1512

_STAGES = ((64, 3), (128, 4), (256, 6), (512, 3))  # widest bottleneck channels, blocks
_EXPANSION = 4
_RELU = math.sqrt(2.0)  # He's gain: a rectifier throws half of the power away
_LAST = 0.3  # sixteen branches are added up: each may bring only little


def draw(width: float = 1.0) -> GraphWriter:
    """Return the layers of one width."""
    if width not in WIDTHS:
        raise ValueError(f"resnet50 has no width {width}; there are {WIDTHS}")
    graph = GraphWriter(SEED)
    inner = [scaled(widest, width) for widest, _ in _STAGES]
    outer = [scaled(widest * _EXPANSION, width) for widest, _ in _STAGES]
    add_layers(graph, scaled(64, width), inner, CLASSES, outer)
    return graph


def add_layers(
    graph: GraphWriter,
    stem: Channels,
    inner: Sequence[Channels],
    classes: int,
    outer: Sequence[Channels] = (),
) -> None:
    """Add all layers: so many channels in the stem and per stage, inside and between its blocks.

    Without `outer` they are four times as many as inside.
    """
    image = graph.input("data", SIZE, SIZE, 3)
    blob = graph.conv("stem", image, stem, kernel=7, stride=2, activation="relu", gain=_RELU)
    blob = graph.pool("pool", blob, kernel=3, stride=2, pad=1)
    number = 0
    wide = outer or [Channels(_EXPANSION * c.here, _EXPANSION * c.widest) for c in inner]
    for stage, (_, blocks) in enumerate(_STAGES):
        for block in range(blocks):
            stride = 2 if block == 0 and stage > 0 else 1
            shape = (inner[stage], wide[stage], stride)
            blob = _block(graph, f"blk{number}", blob, shape, block == 0)
            number += 1
    blob = graph.global_average("gap", blob)
    graph.softmax("prob", graph.fully_connected("fc", blob, classes, gain=5.0))


def _block(
    graph: GraphWriter,
    name: str,
    source: str,
    shape: tuple[Channels, Channels, int],
    projects: bool,
) -> str:
    """Add reduce, 3×3 (which carries the stride) and expand beside the shortcut."""
    inner, outer, stride = shape
    around, blob = graph.split(source)
    if projects:
        around = graph.conv(f"{name}.shortcut", around, outer, kernel=1, stride=stride)
    blob = graph.conv(f"{name}.reduce", blob, inner, kernel=1, activation="relu", gain=_RELU)
    blob = graph.conv(
        f"{name}.spatial", blob, inner, kernel=3, stride=stride, activation="relu", gain=_RELU
    )
    blob = graph.conv(f"{name}.expand", blob, outer, kernel=1, gain=_LAST)
    return graph.residual(name, around, blob, activation="relu")
