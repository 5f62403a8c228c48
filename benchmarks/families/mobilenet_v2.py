"""A MobileNetV2-like family: inverted residuals, 224×224 images, 1000 classes, seeded weights.

Its timing and plumbing are real, its accuracy is not: nobody trained these weights.
"""

import math

from benchmarks.families.graph import Channels, GraphWriter, scaled

WIDTHS = (1.0, 0.75, 0.5, 0.35)
SIZE = 224
CLASSES = 1000
SEED = 1801

#: Expansion, widest output channels, repeats, stride of the first: Sandler et al. 2018, table 2.
_STAGES = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
_STEM, _HEAD = 32, 1280
_RELU = math.sqrt(2.0)  # He's gain: a rectifier throws half of the power away


def draw(width: float = 1.0) -> GraphWriter:
    """Return the layers of one width."""
    if width not in WIDTHS:
        raise ValueError(f"mobilenet_v2 has no width {width}; there are {WIDTHS}")
    graph = GraphWriter(SEED)
    image = graph.input("data", SIZE, SIZE, 3)
    blob = graph.conv(
        "stem", image, scaled(_STEM, width), kernel=3, stride=2, activation="relu6", gain=_RELU
    )
    blob = _blocks(graph, blob, width)
    head = Channels(_HEAD, _HEAD)  # the head never gets narrower than 1280
    blob = graph.conv("head", blob, head, kernel=1, activation="relu6", gain=_RELU)
    blob = graph.global_average("gap", blob)
    graph.softmax("prob", graph.fully_connected("fc", blob, CLASSES, gain=2.0))
    return graph


def _blocks(graph: GraphWriter, blob: str, width: float) -> str:
    channels, number = scaled(_STEM, width), 0
    for expansion, widest, repeats, first_stride in _STAGES:
        for repeat in range(repeats):
            out = scaled(widest, width)
            stride = first_stride if repeat == 0 else 1
            blob = _block(graph, f"blk{number}", blob, (channels, expansion, out), stride)
            channels, number = out, number + 1
    return blob


def _block(
    graph: GraphWriter, name: str, source: str, shape: tuple[Channels, int, Channels], stride: int
) -> str:
    """Add expand, depthwise and project, and the way around them where the shapes agree."""
    channels, expansion, out = shape
    is_residual = stride == 1 and channels == out
    around, blob = graph.split(source) if is_residual else ("", source)
    if expansion > 1:
        wide = Channels(channels.here * expansion, channels.widest * expansion)
        blob = graph.conv(f"{name}.expand", blob, wide, kernel=1, activation="relu6", gain=_RELU)
    blob = graph.depthwise(f"{name}.depthwise", blob, stride=stride, activation="relu6")
    project = f"{name}.project" if is_residual else name
    blob = graph.conv(project, blob, out, kernel=1)
    return graph.residual(name, around, blob) if is_residual else blob
