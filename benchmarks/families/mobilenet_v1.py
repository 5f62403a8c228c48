"""A MobileNetV1-like family: depthwise and pointwise in turn, 224×224 images, 1000 classes.

Its timing and plumbing are real, its accuracy is not: nobody trained these weights.
"""

import math

from benchmarks.families.graph import GraphWriter, scaled

WIDTHS = (1.0, 0.75, 0.5, 0.25)
SIZE = 224
CLASSES = 1000
SEED = 1704

#: Widest output channels and stride of each pair: Howard et al. 2017, table 1.
_PAIRS = (
    (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *((512, 1),) * 5, (1024, 2),
    (1024, 1),
)  # fmt: skip
_STEM = 32
_RELU = math.sqrt(2.0)  # He's gain: a rectifier throws half of the power away


def draw(width: float = 1.0) -> GraphWriter:
    """Return the layers of one width."""
    if width not in WIDTHS:
        raise ValueError(f"mobilenet_v1 has no width {width}; there are {WIDTHS}")
    graph = GraphWriter(SEED)
    blob = graph.input("data", SIZE, SIZE, 3)
    stem = scaled(_STEM, width)
    blob = graph.conv("stem", blob, stem, kernel=3, stride=2, activation="relu", gain=_RELU)
    for number, (widest, stride) in enumerate(_PAIRS):
        blob = graph.depthwise(f"blk{number}.depthwise", blob, stride=stride, activation="relu")
        blob = graph.conv(
            f"blk{number}", blob, scaled(widest, width), kernel=1, activation="relu", gain=_RELU
        )
    blob = graph.global_average("gap", blob)
    graph.softmax("prob", graph.fully_connected("fc", blob, CLASSES, gain=5.0))
    return graph
