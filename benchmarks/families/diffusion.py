"""A small network in the manner of latent diffusion: denoise a picture ten times, then decode it.

A 4×64×64 latent as Stable Diffusion's, a U-shaped network per step, a decoder to 256×256 pixels,
seeded weights. Between two steps the latent alone crosses, always of the same size: whoever
offloads chooses how many steps to take here. Its timing and plumbing are real, its pictures are
not: nobody trained these weights. ncnn's format cannot say that steps share their weights, so each
has its own.

Source: Rombach et al. 2022, arXiv 2112.10752 (the latent, steps before a decoder); channels are
ours.
"""

from benchmarks.families.graph import Channels, GraphWriter

WIDTHS = (1.0,)
SEED = 2022
STEPS = 10

LATENT_CHANNELS, LATENT_SIZE = 4, 64
_OUTER, _INNER = 32, 64  # channels at full and at half size
_PAINT = (16, 8)  # channels of the decoder, which shrink as the picture grows
_COLORS = 3

_SWISH = 1.7  # keeps the power: a swish passes about a third of it
_NOISE = 0.15  # ten steps are added up: each may change only little
_CONTRAST = 0.5  # pixels lie between 0 and 1, few of them at either end
_TWICE = "0=1 1=2.0 2=2.0"  # nearest neighbor


def draw(width: float = 1.0) -> GraphWriter:
    """Return the layers; there is one width."""
    if width not in WIDTHS:
        raise ValueError(f"diffusion has no width {width}; there are {WIDTHS}")
    graph = GraphWriter(SEED)
    blob = graph.input("latent", LATENT_SIZE, LATENT_SIZE, LATENT_CHANNELS)
    for number in range(STEPS):
        blob = _step(graph, f"step{number}", blob)
    _decode(graph, blob)
    return graph


def _step(graph: GraphWriter, name: str, source: str) -> str:
    """Add what the network takes for noise to the latent: down, up, and the way around."""
    around, blob = graph.split(source)
    skip, blob = graph.split(_swished(graph, f"{name}.in", blob, _OUTER))
    blob = _swished(graph, f"{name}.down", blob, _INNER, stride=2)
    blob = _swished(graph, f"{name}.middle", blob, _INNER)
    blob = graph.elementwise(f"{name}.up", blob, "Interp", _TWICE)
    blob = graph.conv(f"{name}.back", blob, _of(_OUTER), kernel=1)
    blob = graph.residual(f"{name}.joined", skip, blob)
    blob = graph.conv(f"{name}.noise", blob, _of(LATENT_CHANNELS), kernel=3, gain=_NOISE)
    return graph.residual(name, around, blob)


def _decode(graph: GraphWriter, latent: str) -> None:
    blob = _swished(graph, "decoder.in", latent, _PAINT[0])
    for number, channels in enumerate(_PAINT):
        blob = graph.elementwise(f"decoder.up{number}", blob, "Interp", _TWICE)
        blob = _swished(graph, f"decoder.paint{number}", blob, channels)
    blob = graph.conv("colors", blob, _of(_COLORS), kernel=3, gain=_CONTRAST)
    graph.elementwise("picture", blob, "Sigmoid")


def _swished(graph: GraphWriter, name: str, source: str, channels: int, stride: int = 1) -> str:
    made = graph.conv(f"{name}.conv", source, _of(channels), kernel=3, stride=stride, gain=_SWISH)
    return graph.elementwise(name, made, "Swish")


def _of(channels: int) -> Channels:
    return Channels(channels, channels)
