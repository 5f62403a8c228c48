"""A small vision transformer with the sizes of DeiT-Ti: 196 patches, 12 blocks of three heads.

224×224 images, 1000 classes, seeded weights. Its timing and plumbing are real, its accuracy is not:
nobody trained these weights.
"""

from benchmarks.families.graph import Channels
from benchmarks.families.token_graph import TokenGraph

WIDTHS = (1.0,)
SIZE = 224
CLASSES = 1000
SEED = 2012

#: Touvron et al. 2021, table 1: width, blocks and heads of DeiT-Ti.
WIDTH, BLOCKS, HEADS = 192, 12, 3
_PATCH = 16
_HIDDEN = 4 * WIDTH


def draw(width: float = 1.0) -> TokenGraph:
    """Return the layers; there is one width."""
    if width not in WIDTHS:
        raise ValueError(f"vit_tiny has no width {width}; there are {WIDTHS}")
    graph = TokenGraph(SEED)
    blob = graph.input("data", SIZE, SIZE, 3)
    blob = graph.patches("patches", blob, Channels(WIDTH, WIDTH), _PATCH)
    blob = graph.tokens("tokens", blob, (SIZE // _PATCH) ** 2, WIDTH)
    for number in range(BLOCKS):
        blob = _attend(graph, f"blk{number}.attention", blob)
        blob = _think(graph, f"blk{number}", blob)
    blob = graph.first_row("said", graph.normalized("norm", blob))
    graph.softmax("prob", graph.fully_connected("fc", blob, CLASSES, gain=5.0))
    return graph


def _attend(graph: TokenGraph, name: str, source: str) -> str:
    around, blob = graph.split(source)
    blob = graph.normalized(f"{name}.norm", blob)
    return graph.residual(name, around, graph.attended(f"{name}.heads", blob, HEADS))


def _think(graph: TokenGraph, name: str, source: str) -> str:
    """Add the two layers that see each row alone."""
    around, blob = graph.split(source)
    blob = graph.normalized(f"{name}.norm", blob)
    blob = graph.fully_connected(f"{name}.wide", blob, _HIDDEN, gain=1.0)
    blob = graph.elementwise(f"{name}.gelu", blob, "GELU")
    blob = graph.fully_connected(f"{name}.narrow", blob, WIDTH, gain=1.0)
    return graph.residual(name, around, blob)
