"""MobileNetV3-like families, large and small: squeeze-and-excite, hard activations.

224×224 images, 1000 classes, seeded weights. Their timing and plumbing are real, their accuracy is
not: nobody trained these weights.
"""

import math
from typing import NamedTuple

from benchmarks.families.graph import Channels, GraphWriter, rounded, scaled

WIDTHS = (1.0, 0.75)
SIZE = 224
CLASSES = 1000

_RELU = math.sqrt(2.0)  # He's gain: a rectifier throws half of the power away
_EXCITED = 2.0  # a weight between 0 and 1 halves what it weighs
_BRANCH = 0.4  # branches are added up: each may bring only little
_LAST = 4.0  # averages are small, and outputs must be told apart


class _Block(NamedTuple):
    """One bottleneck: window, widest expansion and output, what it has, stride of its window."""

    kernel: int
    expansion: int
    out: int
    is_excited: bool
    is_swish: bool
    stride: int


#: Howard et al. 2019, table 1.
_LARGE = tuple(
    _Block(kernel, expansion, out, "s" in has, "h" in has, stride)
    for kernel, expansion, out, has, stride in (
        (3, 16, 16, "", 1), (3, 64, 24, "", 2), (3, 72, 24, "", 1), (5, 72, 40, "s", 2),
        (5, 120, 40, "s", 1), (5, 120, 40, "s", 1), (3, 240, 80, "h", 2), (3, 200, 80, "h", 1),
        (3, 184, 80, "h", 1), (3, 184, 80, "h", 1), (3, 480, 112, "sh", 1),
        (3, 672, 112, "sh", 1), (5, 672, 160, "sh", 2), (5, 960, 160, "sh", 1),
        (5, 960, 160, "sh", 1),
    )
)  # fmt: skip
#: Howard et al. 2019, table 2.
_SMALL = tuple(
    _Block(kernel, expansion, out, "s" in has, "h" in has, stride)
    for kernel, expansion, out, has, stride in (
        (3, 16, 16, "s", 2), (3, 72, 24, "", 2), (3, 88, 24, "", 1), (5, 96, 40, "sh", 2),
        (5, 240, 40, "sh", 1), (5, 240, 40, "sh", 1), (5, 120, 48, "sh", 1),
        (5, 144, 48, "sh", 1), (5, 288, 96, "sh", 2), (5, 576, 96, "sh", 1),
        (5, 576, 96, "sh", 1),
    )
)  # fmt: skip
_STEM = 16


def draw_large(width: float = 1.0) -> GraphWriter:
    """Return the layers of the large network at one width."""
    return _draw("mobilenet_v3_large", 1905, width, _LARGE, (960, 1280))


def draw_small(width: float = 1.0) -> GraphWriter:
    """Return the layers of the small network at one width."""
    return _draw("mobilenet_v3_small", 1906, width, _SMALL, (576, 1024))


def _draw(
    name: str, seed: int, width: float, blocks: tuple[_Block, ...], head: tuple[int, int]
) -> GraphWriter:
    if width not in WIDTHS:
        raise ValueError(f"{name} has no width {width}; there are {WIDTHS}")
    graph = GraphWriter(seed)
    blob = graph.input("data", SIZE, SIZE, 3)
    channels = scaled(_STEM, width)
    blob = _swished(graph, "stem", graph.conv("stem.conv", blob, channels, kernel=3, stride=2))
    for number, block in enumerate(blocks):
        blob = _bottleneck(graph, f"blk{number}", blob, channels, (block, width))
        channels = scaled(block.out, width)
    blob = graph.conv("head.conv", blob, scaled(head[0], width), kernel=1)
    blob = graph.global_average("gap", _swished(graph, "head", blob))
    # What sees the average stays as wide as it is at full width.
    blob = graph.fully_connected("last.fc", blob, head[1], gain=_LAST)
    blob = _swished(graph, "last", blob)
    graph.softmax("prob", graph.fully_connected("fc", blob, CLASSES, gain=8.0))
    return graph


def _swished(graph: GraphWriter, name: str, source: str) -> str:
    """Keep the activation a layer of its own, as the published benchmark's file does."""
    return graph.hard_swish(name, source)


def _bottleneck(
    graph: GraphWriter, name: str, source: str, channels: Channels, shape: tuple[_Block, float]
) -> str:
    """Add expand, depthwise, excite and project, and the way around where the shapes agree."""
    block, width = shape
    # As published, a narrow block expands what it gets by the same factor as the widest does.
    wide = scaled(block.expansion, channels.here / channels.widest)
    out = scaled(block.out, width)
    is_residual = block.stride == 1 and channels == out
    around, blob = graph.split(source) if is_residual else ("", source)
    if wide != channels:
        blob = graph.conv(f"{name}.expand.conv", blob, wide, kernel=1, gain=_RELU)
        blob = _activated(graph, f"{name}.expand", blob, block)
    blob = graph.depthwise(
        f"{name}.depthwise.conv", blob, stride=block.stride, activation="", kernel=block.kernel
    )
    blob = _activated(graph, f"{name}.depthwise", blob, block)
    if block.is_excited:
        inner = Channels(rounded(wide.here / 4), rounded(wide.widest / 4))
        blob = graph.excited(f"{name}.excited", blob, inner)
    gain = (_EXCITED if block.is_excited else 1.0) * (_BRANCH if is_residual else 1.0)
    blob = graph.conv(f"{name}.project" if is_residual else name, blob, out, kernel=1, gain=gain)
    return graph.residual(name, around, blob) if is_residual else blob


def _activated(graph: GraphWriter, name: str, source: str, block: _Block) -> str:
    if block.is_swish:
        return _swished(graph, name, source)
    return graph.elementwise(name, source, "ReLU")
