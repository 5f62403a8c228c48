"""Families of nested networks: VGG16 and ResNet50 as pruning left them for NestDNN's applications.

A smaller descendant is the first corner of every layer of the next larger one. An application that
nests nothing brings one network of its own: the graph of the descendant at the knee, with weights
that it shares with nobody. Nobody trained any of them: time, sizes and plumbing are real.
"""

from benchmarks.families import resnet50, vgg16
from benchmarks.families.applications import Application
from benchmarks.families.graph import Channels, GraphWriter

SEED = 1810
_OWN_SEED = 1811
_PERIOD = 65_521  # numbers after which weights repeat: hundreds of megabytes are drawn in no time


def draw(application: Application, width: float) -> GraphWriter:
    """Return the layers of one descendant."""
    if width not in application.widths:
        known = application.widths[::-1]
        raise ValueError(f"{application.family} has no width {width}; there are {known}")
    at = application.widths.index(width)
    return _drawn(application, _nested(application, at), SEED)


def draw_alone(application: Application) -> GraphWriter:
    """Return the layers of the one network that the application uses where nothing is nested."""
    own = tuple(Channels(n, n) for n in application.channels[application.knee])
    return _drawn(application, own, _OWN_SEED)


def _nested(application: Application, at: int) -> tuple[Channels, ...]:
    pairs = zip(application.channels[at], application.channels[-1], strict=True)
    return tuple(Channels(here, widest) for here, widest in pairs)


def _drawn(application: Application, channels: tuple[Channels, ...], seed: int) -> GraphWriter:
    graph = GraphWriter(seed, period=_PERIOD)
    if application.network == "VGG-16":
        *stages, hidden = channels
        vgg16.add_layers(graph, stages, hidden, application.classes)
    else:
        stem, *inner = channels
        resnet50.add_layers(graph, stem, inner, application.classes)
    return graph
