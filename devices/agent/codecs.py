"""How a blob's numbers become bytes on a tensor connection: float32, float16, int8; zlib, zstd."""

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import zstandard
from numpy.typing import NDArray

from devices.agent.tensors import MAX_TENSOR_BYTES, Frame, FrameError, Kind

Tensor = NDArray[np.float32]  # [c, h, w], [h, w] or [w]

F32, F16, I8 = 1, 2, 3
PLAIN, ZLIB, ZSTD = 0, 1, 2
_SCALE = struct.Struct("<f")  # before int8 numbers: how much one step is
_STEPS = 127
_ITEM_BYTES = {F32: 4, F16: 2, I8: 1}
_LEVEL = 1  # fast: a phone pays for every microsecond of it


@dataclass(frozen=True, slots=True)
class Codec:
    """One way to write a tensor."""

    name: str
    number: int
    packing: int

    @property
    def dtype(self) -> int:
        """The codec as the header's byte."""
        return self.number | self.packing << 4

    @property
    def is_packed(self) -> bool:
        """Whether how many bytes it makes depends on the numbers."""
        return self.packing != PLAIN

    def bytes_of(self, elements: int) -> int:
        """Return the bytes of so many numbers before packing [B]."""
        return elements * _ITEM_BYTES[self.number] + (_SCALE.size if self.number == I8 else 0)


CODECS: Mapping[str, Codec] = {
    codec.name: codec
    for codec in (
        Codec(number_name + packing_name, number, packing)
        for packing_name, packing in (("", PLAIN), ("+zlib", ZLIB), ("+zstd", ZSTD))
        for number_name, number in (("fp32", F32), ("fp16", F16), ("int8", I8))
    )
}
_BY_DTYPE = {codec.dtype: codec for codec in CODECS.values()}


def encode_tensor(tensor: Tensor, codec: Codec, number: int, t_send_ns: int = 0) -> Frame:
    """Return a TENSOR frame; index ((c·d + z)·h + y)·w + x, without padding."""
    shape = sides_of(tensor.shape)
    payload = _pack(codec.packing, _numbers(tensor, codec.number))
    return Frame(Kind.TENSOR, number, payload, codec.dtype, shape, t_send_ns)


def sides_of(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the sizes of a blob [c, h, w], [h, w] or [w] as a frame has them: w, h, d, c."""
    return (*reversed(shape[1:]), 1, shape[0]) if len(shape) == 3 else tuple(reversed(shape))


def synthetic_tensor(size: int, shape: tuple[int, ...], codec: Codec, number: int) -> Frame:
    """Return a TENSOR frame of so many bytes whose numbers nobody computed."""
    return Frame(Kind.TENSOR, number, bytes(size), codec.number, shape)


def decode_tensor(frame: Frame) -> Tensor:
    """Return the numbers of a TENSOR or RESULT; FrameError unless bytes and shape agree."""
    codec = _BY_DTYPE.get(frame.dtype)
    if codec is None:
        raise FrameError(f"{frame.kind.name}: unknown dtype {frame.dtype}")
    if len(frame.shape) not in (1, 2, 4):
        raise FrameError(f"{frame.kind.name}: {len(frame.shape)} dimensions; 1, 2 or 4 are known")
    elements = 1
    for side in frame.shape:
        elements *= side
    size = codec.bytes_of(elements)
    if size > MAX_TENSOR_BYTES:
        raise FrameError(f"{frame.kind.name}: its shape needs {size} bytes, too many")
    data = _unpack(codec.packing, frame.tensor, size)
    if len(data) != size:
        raise FrameError(f"{frame.kind.name}: {len(data)} bytes for a shape that needs {size}")
    values = _values(data, codec.number)
    if len(frame.shape) < 4:
        return values.reshape(tuple(reversed(frame.shape)))
    w, h, d, c = frame.shape
    if d != 1:
        raise FrameError(f"{frame.kind.name}: depth {d}; blobs have channels, height and width")
    return values.reshape(c, h, w)


def _numbers(tensor: Tensor, number: int) -> bytes:
    if number == F32:
        return np.ascontiguousarray(tensor, "<f4").tobytes()
    if number == F16:
        return np.ascontiguousarray(np.clip(tensor, -65504, 65504), "<f2").tobytes()
    largest = float(np.abs(tensor).max(initial=0.0))
    scale = largest / _STEPS if largest else 1.0
    steps: bytes = np.rint(tensor / scale).astype(np.int8).tobytes()
    return _SCALE.pack(scale) + steps


def _values(data: bytes, number: int) -> Tensor:
    if number == I8:
        scale = np.float32(_SCALE.unpack_from(data)[0])
        scaled: Tensor = np.frombuffer(data, np.int8, offset=_SCALE.size).astype(np.float32) * scale
        return scaled
    return np.frombuffer(data, "<f4" if number == F32 else "<f2").astype(np.float32)


def _pack(packing: int, data: bytes) -> bytes:
    if packing == ZLIB:
        return zlib.compress(data, _LEVEL)
    if packing == ZSTD:
        return zstandard.ZstdCompressor(level=_LEVEL).compress(data)
    return data


def _unpack(packing: int, data: bytes, size: int) -> bytes:
    """Return at most `size` + 1 bytes: what grows beyond its shape is cut off and refused."""
    try:
        if packing == ZLIB:
            return zlib.decompressobj().decompress(data, size + 1)
        if packing == ZSTD:
            with zstandard.ZstdDecompressor().stream_reader(data) as reader:
                return bytes(reader.read(size + 1))
    except (zlib.error, zstandard.ZstdError) as error:
        raise FrameError(f"a packed tensor cannot be unpacked: {error}") from error
    return data
