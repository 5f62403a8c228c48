"""A strict reader of ncnn's `.bin`: which layer each byte belongs to, and how it is stored.

The native loader takes a longer file, or another network's of the right length, without a word,
and answers wrong numbers. So every byte is walked here first.
"""

import struct

import numpy as np

from benchmarks.families.layer_rules import Stored
from benchmarks.families.param_file import Layer, ParamFile

FLOAT32, FLOAT16, INT8 = 0x00000000, 0x01306B47, 0x000D4B38  # the tag before a layer's weights
_TAG_BYTES = 4


class BinFileError(ValueError):
    """A `.bin` was refused; the message has the layer and the way out."""


def as_float32(network: ParamFile, stored: bytes) -> bytes:
    """Return the weights of a network as float32, each number exactly as it was stored.

    Raises:
        BinFileError: if the bytes are not exactly what the layers say, are quantized, or hold
            a number that is not finite.
    """
    walk = _Walk(stored)
    pieces = [walk.layer(layer) for layer in network.layers if layer.weight_bytes]
    if walk.left:
        raise BinFileError(
            f"the .bin has {walk.left} bytes more than the layers of the .param need: "
            "it belongs to another network; upload the two files of one export"
        )
    return b"".join(pieces)


class _Walk:
    """Goes through the bytes, layer by layer."""

    def __init__(self, stored: bytes) -> None:
        self._stored = memoryview(stored)
        self._at = 0

    @property
    def left(self) -> int:
        """How many bytes nobody has asked for."""
        return len(self._stored) - self._at

    def layer(self, layer: Layer) -> bytes:
        """Return all that a layer has stored, as float32."""
        return b"".join(self._block(block, layer) for block in layer.cost.stored)

    def _block(self, block: Stored, layer: Layer) -> bytes:
        tag = FLOAT32
        if block.is_tagged:
            (tag,) = struct.unpack("<I", self._take(_TAG_BYTES, layer))
        if tag == FLOAT32:
            numbers = np.frombuffer(self._take(4 * block.numbers, layer), "<f4")
        elif tag == FLOAT16:
            halves = self._take((2 * block.numbers + 3) // 4 * 4, layer)
            numbers = np.frombuffer(halves, "<f2", block.numbers).astype("<f4")
        else:
            raise _unknown(tag, layer)
        if not np.isfinite(numbers).all():
            raise BinFileError(
                f"layer {layer.name!r} has weights that are not finite: the .bin is damaged "
                "or belongs to another network; export it again"
            )
        return (struct.pack("<I", FLOAT32) if block.is_tagged else b"") + numbers.tobytes()

    def _take(self, count: int, layer: Layer) -> memoryview:
        if self.left < count:
            raise BinFileError(
                f"the .bin ends inside layer {layer.name!r}: it has {len(self._stored)} bytes and "
                f"needs {self._at + count} up to there; it was cut short, or belongs to another "
                "network: upload the two files of one export, whole"
            )
        taken = self._stored[self._at : self._at + count]
        self._at += count
        return taken


def _unknown(tag: int, layer: Layer) -> BinFileError:
    if tag == INT8:
        return BinFileError(
            f"layer {layer.name!r} is quantized to 8 bits; only weights of 16 or 32 bits are "
            "accepted: export the network without quantization"
        )
    return BinFileError(
        f"layer {layer.name!r} begins with the tag {tag:#010x}, which is neither float32 nor "
        "float16: the .bin is compressed, damaged, or belongs to another network"
    )
