"""The workloads that can be run: what they cost, and their files for a phone."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache, partial
from threading import Lock
from typing import Protocol

from benchmarks.families import (
    diffusion,
    mobilenet_v1,
    mobilenet_v2,
    mobilenet_v3,
    nested,
    param_file,
    reference,
    regnet,
    resnet50,
    vgg16,
    vit_tiny,
)
from benchmarks.families.applications import Application, applications
from benchmarks.families.graph import GraphWriter
from benchmarks.naming import unknown


@dataclass(frozen=True, slots=True)
class Workload:
    """One network at one width, made by our own generator or brought by a user."""

    name: str
    family: str
    width: float
    summary: str
    write: Callable[[float], tuple[bytes, bytes]]
    macs: int = 0  # of one inference, where it is known before the files are made
    weight_bytes: int = 0  # likewise
    draw: Callable[[float], GraphWriter] | None = None  # our own: its layers, without weights


def _workload(family: str, width: float, cost: str, entry: str = "224×224") -> Workload:
    """Return one width of a family; 1.0 has the family's own name, others `resnet50-0.25`."""
    title, draw = GENERATORS[family]
    name = family if width == 1.0 else f"{family}-{width:g}"
    size = "" if width == 1.0 else f" × {width:g}"
    summary = f"{title}{size}, {entry}, {cost}, untrained weights"
    return _own(name, family, width, summary, draw)


def _own(
    name: str, family: str, width: float, summary: str, draw: Callable[[float], GraphWriter]
) -> Workload:
    return Workload(name, family, width, summary, lambda width: draw(width).finish(), draw=draw)


#: What our generators draw: a title, and the layers at a width, whose weights cost nothing until
#: they are asked for.
GENERATORS: Mapping[str, tuple[str, Callable[[float], GraphWriter]]] = {
    "mobilenet_v1": ("MobileNetV1-like", mobilenet_v1.draw),
    "mobilenet_v2": ("MobileNetV2-like", mobilenet_v2.draw),
    "mobilenet_v3_large": ("MobileNetV3-Large-like", mobilenet_v3.draw_large),
    "mobilenet_v3_small": ("MobileNetV3-Small-like", mobilenet_v3.draw_small),
    "resnet50": ("ResNet50-like", resnet50.draw),
    "regnet": ("RegNet-like", regnet.draw),
    "vgg16": ("VGG16-like", vgg16.draw),
    "vit_tiny": ("ViT-Tiny-like", vit_tiny.draw),
    "diffusion": ("Latent-diffusion-like", diffusion.draw),
}
WORKLOADS: Mapping[str, Workload] = {
    workload.name: workload
    for workload in (
        _workload("mobilenet_v1", 1.0, "0.57 GMAC, 17 MB"),
        _workload("mobilenet_v1", 0.75, "0.33 GMAC, 10 MB"),
        _workload("mobilenet_v1", 0.5, "0.15 GMAC, 5 MB"),
        _workload("mobilenet_v1", 0.25, "0.04 GMAC, 2 MB"),
        _workload("mobilenet_v2", 1.0, "0.30 GMAC, 14 MB"),
        _workload("mobilenet_v2", 0.75, "0.21 GMAC, 10 MB"),
        _workload("mobilenet_v2", 0.5, "0.10 GMAC, 8 MB"),
        _workload("mobilenet_v2", 0.35, "0.06 GMAC, 7 MB"),
        _workload("mobilenet_v3_large", 1.0, "0.22 GMAC, 22 MB"),
        _workload("mobilenet_v3_large", 0.75, "0.15 GMAC, 16 MB"),
        _workload("mobilenet_v3_small", 1.0, "0.06 GMAC, 10 MB"),
        _workload("mobilenet_v3_small", 0.75, "0.04 GMAC, 8 MB"),
        _workload("resnet50", 1.0, "4.1 GMAC, 102 MB"),
        _workload("resnet50", 0.75, "2.3 GMAC, 59 MB"),
        _workload("resnet50", 0.5, "1.1 GMAC, 28 MB"),
        _workload("resnet50", 0.25, "0.28 GMAC, 8 MB"),
        _workload("regnet", 1.0, "0.40 GMAC, 15 MB"),
        _workload("vgg16", 0.25, "0.98 GMAC, 38 MB"),
        _workload("vit_tiny", 1.0, "1.3 GMAC, 23 MB"),
        _workload("diffusion", 1.0, "0.87 GMAC, 2 MB", "ten steps on a 64×64 latent"),
    )
}


def _nested(application: Application) -> Iterator[Workload]:
    """Yield what an application may run, the largest first; last, what it has where none nests."""
    one = application
    title = f"{one.network}-like, for {one.dataset}"
    facts = [
        f"{gflops / 2:.2g} GMAC, {size_mb:.3g} MB, untrained weights"
        for gflops, size_mb in zip(one.gflops, one.size_mb, strict=True)
    ]
    for at in range(len(one.widths) - 1, -1, -1):
        width = one.widths[at]
        name = one.family if width == 1.0 else f"{one.family}-{width:g}"
        summary = f"{title}, descendant {at + 1} of {len(one.widths)}, {facts[at]}"
        yield _own(name, one.family, width, summary, partial(nested.draw, one))
    width = one.widths[one.knee]
    alone = f"{title}, as large as descendant {one.knee + 1} and trained alone, {facts[one.knee]}"
    own = alone_of(one)
    yield _own(own, own, width, alone, lambda _: nested.draw_alone(one))


def alone_of(application: Application) -> str:
    """Return what the one network is called that an application has where nothing is nested."""
    return f"{application.family}-alone"


#: Everything that our generators draw: the catalog, and what only tenants and shifting ask for.
OWN: Mapping[str, Workload] = {
    **WORKLOADS,
    **{one.name: one for each in applications().values() for one in _nested(each)},
}
_MAKING = Lock()


@dataclass(frozen=True)
class WorkloadFiles:
    """What is pushed to a phone: a network, its weights, and on demand the output it must give."""

    name: str
    param: bytes
    bin: bytes

    @cached_property
    def network(self) -> param_file.ParamFile:
        """The layers, strictly read from `param`."""
        return param_file.read(self.param, len(self.bin))

    @cached_property
    def reference(self) -> bytes:
        """The output for the golden input, little-endian float32; it takes seconds to compute."""
        output = reference.forward(self.network, self.bin, reference.golden_input(self.shape))
        return output.astype("<f4").tobytes()

    @cached_property
    def param_sha256(self) -> str:
        """The hash that names the `.param`."""
        return hashlib.sha256(self.param).hexdigest()

    @cached_property
    def bin_sha256(self) -> str:
        """The hash that names the `.bin`."""
        return hashlib.sha256(self.bin).hexdigest()

    @cached_property
    def reference_sha256(self) -> str:
        """The hash that names the reference output."""
        return hashlib.sha256(self.reference).hexdigest()

    @property
    def input(self) -> str:
        """The input blob."""
        return self.network.inputs[0].outputs[0]

    @property
    def output(self) -> str:
        """The output blob."""
        return self.network.output

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height and width of the input."""
        return self.network.blobs[self.input].picture


class Library(Protocol):
    """Workloads that users bring; this process may know several such places."""

    def find(self, name: str) -> Workload | None:
        """Return a workload, removed ones included: stored runs name them; None if unknown."""

    def names(self) -> Sequence[str]:
        """Return what a new run may name."""


_LIBRARIES: list[Library] = []


def add_library(library: Library) -> None:
    """Let this process find the workloads of a library, too; our own come first."""
    if library not in _LIBRARIES:
        _LIBRARIES.append(library)


@contextmanager
def only_library(*libraries: Library) -> Iterator[None]:
    """Let this process find the workloads of these libraries, and of no others, for a while."""
    before = _LIBRARIES[:]
    _LIBRARIES[:] = libraries
    try:
        yield
    finally:
        _LIBRARIES[:] = before


def names() -> list[str]:
    """Return every workload that a new run may name."""
    return [*WORKLOADS, *(name for library in _LIBRARIES for name in library.names())]


def find(name: str) -> Workload:
    """Return a workload, or raise UnknownName with what there is."""
    if name in OWN:
        return OWN[name]
    for library in _LIBRARIES:
        if found := library.find(name):
            return found
    raise unknown("workload", name, names())


def layers_of(name: str) -> param_file.ParamFile:
    """Return the layers of a workload; those of our own need no weights to be drawn."""
    workload = find(name)
    return workload_files(name).network if workload.draw is None else _layers(workload)


@cache
def _layers(workload: Workload) -> param_file.ParamFile:
    assert workload.draw is not None
    return param_file.read_layers(workload.draw(workload.width).param)


def macs_of(name: str) -> int:
    """Return the multiplications of one inference; an upload's are told without its files."""
    return find(name).macs or layers_of(name).macs


def weight_bytes_of(name: str) -> int:
    """Return how much a workload's weights take; an upload's are told without its files [B]."""
    return find(name).weight_bytes or layers_of(name).weight_bytes


def workload_files(name: str) -> WorkloadFiles:
    """Return the files of a workload; made in about a second, the same bytes every time."""
    workload = find(name)
    with _MAKING:  # a cache alone would let each of many threads make the same files
        return _made(workload) if workload.name in WORKLOADS else _large(workload)


@lru_cache(maxsize=8)
def _made(workload: Workload) -> WorkloadFiles:
    param, weights = workload.write(workload.width)
    return WorkloadFiles(workload.name, param, weights)


@lru_cache(maxsize=2)  # up to half a gigabyte each: nested ones, and those that users bring
def _large(workload: Workload) -> WorkloadFiles:
    param, weights = workload.write(workload.width)
    return WorkloadFiles(workload.name, param, weights)
