"""Where a network can be cut in two, so that one blob alone crosses; and the two halves' files."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.families.graph import MAGIC
from benchmarks.families.layer_rules import NUMBER_BYTES, Shape
from benchmarks.families.param_file import Layer, ParamFile, layer_lines

_SIZES = (0, 1, 2)  # options of an input: width, height, channels
_ITERATION = re.compile(r"step[0-9]+")  # what an iteration of a network is called


@dataclass(frozen=True, slots=True)
class Cut:
    """One place to cut: what runs before it, what crosses, what runs after it."""

    blob: str
    shape: Shape
    head: tuple[Layer, ...]
    tail: tuple[Layer, ...]

    @property
    def bytes(self) -> int:
        """What crosses, as float32 [B]."""
        return self.shape.elements * NUMBER_BYTES

    @property
    def head_macs(self) -> int:
        """Multiply-accumulates before the cut."""
        return sum(layer.cost.macs for layer in self.head)

    @property
    def tail_macs(self) -> int:
        """Multiply-accumulates after the cut."""
        return sum(layer.cost.macs for layer in self.tail)


@dataclass(frozen=True, slots=True)
class Stretch:
    """What runs from one cut to a later one, or to the end of the network."""

    start: Cut
    end: Cut | None  # None: the network's output

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers of it, in their order."""
        return self.start.tail if self.end is None else self.end.head[len(self.start.head) :]

    @property
    def output_shape(self) -> Shape:
        """The shape of the blob that it makes."""
        return self.start.tail[-1].cost.shape if self.end is None else self.end.shape

    @property
    def macs(self) -> int:
        """Its multiply-accumulates."""
        return self.start.tail_macs - (self.end.tail_macs if self.end else 0)


@dataclass(frozen=True, slots=True)
class Half:
    """The files of one half of a network."""

    param: bytes
    bin: bytes


def cuts_of(network: ParamFile) -> tuple[Cut, ...]:
    """Return every single-blob cut, the input first and the output left out.

    Each blob has one consumer, so the layers before a cut are exactly those listed before the
    maker of its blob: one sweep that watches which blobs are still wanted finds them all.
    """
    found = []
    wanted: dict[str, Shape] = {}
    for count, layer in enumerate(network.layers, start=1):
        for blob in layer.inputs:
            del wanted[blob]
        wanted |= zip(layer.outputs, layer.shapes, strict=True)
        if len(wanted) == 1 and count < len(network.layers):
            blob, shape = next(iter(wanted.items()))
            found.append(Cut(blob, shape, network.layers[:count], network.layers[count:]))
    return tuple(found)


def iteration_ends(network: ParamFile) -> tuple[Cut, ...]:
    """Return the cuts after each iteration of an iterative network; none for any other.

    A network says that it is one by what it calls them: `step0`, `step1` and so on.
    """
    return tuple(cut for cut in cuts_of(network) if _ITERATION.fullmatch(cut.blob))


def stretch_of(network: ParamFile, cut: str, back: str = "") -> Stretch:
    """Return what runs from one cut to another, or to the end; ValueError if it is none."""
    cuts = {found.blob: found for found in cuts_of(network)}
    for blob in (cut, *([back] if back else [])):
        if blob not in cuts:
            raise ValueError(f"no cut {blob!r}; it has {', '.join(cuts)}")
    start, end = cuts[cut], cuts.get(back)
    if end is not None and len(end.head) <= len(start.head):
        raise ValueError(f"no way from {cut!r} back at {back!r}: it must come later")
    return Stretch(start, end)


def tail_of(param: bytes, weights: bytes, cut: Cut) -> Half:
    """Return the files of what runs after a cut; its input is the blob that crosses."""
    lines = layer_lines(param)[len(cut.head) :]
    sizes = " ".join(
        f"{key}={size}" for key, size in zip(_SIZES, reversed(cut.shape), strict=False)
    )
    entry = f"Input {cut.blob} 0 1 {cut.blob} {sizes}"
    return Half(_text([entry, *lines], 1, cut.tail), weights[_weight_bytes(cut.head) :])


def head_of(param: bytes, weights: bytes, cut: Cut) -> Half:
    """Return the files of what runs before a cut; its output is the blob that crosses."""
    lines = layer_lines(param)[: len(cut.head)]
    return Half(_text(lines, 0, cut.head), weights[: _weight_bytes(cut.head)])


def _text(lines: Sequence[str], more_blobs: int, layers: Sequence[Layer]) -> bytes:
    blobs = more_blobs + sum(len(layer.outputs) for layer in layers)
    return "\n".join([str(MAGIC), f"{len(lines)} {blobs}", *lines, ""]).encode()


def _weight_bytes(layers: Sequence[Layer]) -> int:
    return sum(layer.weight_bytes for layer in layers)
