"""A VGG16-like network at a quarter of its width: heavy convolutions, then heavy weights.

Thirteen convolutions do nearly all of the arithmetic, three fully connected layers hold nine
tenths of the weights: of all networks here, its layers differ most in what they ask of a phone.
At full width it would be 553 MB. Its timing is real, its accuracy is not: nobody trained it.
"""

import math
from collections.abc import Sequence

from benchmarks.families.graph import Channels, GraphWriter

WIDTHS = (0.25,)
SIZE = 224
CLASSES = 1000
SEED = 1409

_STAGES = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))  # published channels, convolutions
_HIDDEN = 4096
_RELU = math.sqrt(2.0)  # He's gain: a rectifier throws half of the power away


def draw(width: float = 0.25) -> GraphWriter:
    """Return the layers of one width; the published channels at this width are the widest."""
    if width not in WIDTHS:
        raise ValueError(f"vgg16 has no width {width}; there are {WIDTHS}")
    stages = [Channels(n, n) for n in (round(published * width) for published, _ in _STAGES)]
    hidden = round(_HIDDEN * width)
    graph = GraphWriter(SEED)
    add_layers(graph, stages, Channels(hidden, hidden), CLASSES)
    return graph


def add_layers(
    graph: GraphWriter, stages: Sequence[Channels], hidden: Channels, classes: int
) -> None:
    """Add all layers: so many channels per stage and in both hidden layers."""
    blob = graph.input("data", SIZE, SIZE, 3)
    number = 0
    side = SIZE
    for stage, (channels, (_, convolutions)) in enumerate(zip(stages, _STAGES, strict=True)):
        for _ in range(convolutions):
            blob = graph.conv(
                f"conv{number}", blob, channels, kernel=3, activation="relu", gain=_RELU
            )
            number += 1
        blob = graph.pool(f"pool{stage}", blob, kernel=2, stride=2, pad=0)
        side //= 2
    blob = graph.fully_connected("fc6", blob, hidden, gain=_RELU, extent=side, activation="relu")
    blob = graph.fully_connected("fc7", blob, hidden, gain=_RELU, activation="relu")
    graph.softmax("prob", graph.fully_connected("fc8", blob, classes, gain=5.0))
