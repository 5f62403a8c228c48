"""A RegNet-like network: the stages of RegNetY-400MF without squeeze-and-excite, seeded weights.

Its timing and plumbing are real, its accuracy is not: nobody trained these weights.
"""

import math

from benchmarks.families.graph import GraphWriter, scaled

WIDTHS = (1.0,)
SIZE = 224
CLASSES = 1000
SEED = 2003

#: Channels and blocks of each stage, channels per group: Radosavovic et al. 2020, RegNetY-400MF.
STAGES = ((48, 1), (104, 3), (208, 6), (440, 6))
GROUP_WIDTH = 8
_STEM = 32
_RELU = math.sqrt(2.0)  # He's gain: a rectifier throws half of the power away
_LAST = 0.3  # sixteen branches are added up: each may bring only little


def draw(width: float = 1.0) -> GraphWriter:
    """Return the layers of one width."""
    if width not in WIDTHS:
        raise ValueError(f"regnet has no width {width}; there are {WIDTHS}")
    graph = GraphWriter(SEED)
    image = graph.input("data", SIZE, SIZE, 3)
    stem = scaled(_STEM, width)
    blob = graph.conv("stem", image, stem, kernel=3, stride=2, activation="relu", gain=_RELU)
    number = 0
    for channels, blocks in STAGES:
        for block in range(blocks):
            blob = _block(graph, f"blk{number}", blob, channels, is_first=block == 0)
            number += 1
    blob = graph.global_average("gap", blob)
    graph.softmax("prob", graph.fully_connected("fc", blob, CLASSES, gain=8.0))
    return graph


def block_ends() -> tuple[str, ...]:
    """Return the blobs after the residual blocks: where a cut lets the least cross."""
    return tuple(f"blk{number}" for number in range(sum(blocks for _, blocks in STAGES)))


def _block(graph: GraphWriter, name: str, source: str, widest: int, *, is_first: bool) -> str:
    """Add 1×1, grouped 3×3 (which carries the stride) and 1×1 beside the shortcut."""
    channels, stride = scaled(widest, 1.0), 2 if is_first else 1
    around, blob = graph.split(source)
    if is_first:
        around = graph.conv(f"{name}.shortcut", around, channels, kernel=1, stride=stride)
    blob = graph.conv(f"{name}.reduce", blob, channels, kernel=1, activation="relu", gain=_RELU)
    blob = graph.grouped(
        f"{name}.spatial", blob, GROUP_WIDTH, stride=stride, activation="relu", gain=_RELU
    )
    blob = graph.conv(f"{name}.expand", blob, channels, kernel=1, gain=_LAST)
    return graph.residual(name, around, blob, activation="relu")
