"""The tensor connection: one network's blobs on their way to a peer and back; sans-I/O.

A frame is a header of 64 bytes, little-endian, and a payload:

    0   4s   magic `FTB1`
    4   4×B  version, type, dtype (low half: number, high half: packing), dims 0..4
    8   Q    number of the request
    16  3×Q  t_send (sender's clock), t_recv, t_reply (peer's clock) [ns]; a request says in
             t_reply how long after its arrival an answer is still wanted (0 = always)
    40  4×I  w, h, d, c
    56  2×I  bytes of the payload; its CRC-32, 0 = not computed
"""

import json
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

MAGIC, VERSION = b"FTB1", 1
HEADER = struct.Struct("<4sBBBB4Q4I2I")
TIMINGS = struct.Struct("<4I")  # before the tensor of a RESULT: queue, compute [us], batch, 0

MAX_TENSOR_BYTES = 64 << 20  # security limits, all of them
MAX_TEXT_BYTES = 4 << 10
MAX_PROBE_BYTES = 64 << 10
_MAX_SIDE = 1 << 20


class Kind(IntEnum):
    """What a frame is."""

    HELLO = 1  #: who asks, for which tail of which network
    HELLO_OK = 2  #: the peer is ready for it
    TENSOR = 3  #: a request
    RESULT = 4  #: its answer
    ERROR = 5  #: why there is none
    PING = 6  #: a probe of the network
    PONG = 7  #: its echo


_LIMITS: Mapping[Kind, int] = {
    Kind.HELLO: MAX_TEXT_BYTES,
    Kind.HELLO_OK: MAX_TEXT_BYTES,
    Kind.TENSOR: MAX_TENSOR_BYTES,
    Kind.RESULT: MAX_TENSOR_BYTES + TIMINGS.size,
    Kind.ERROR: MAX_TEXT_BYTES,
    Kind.PING: MAX_PROBE_BYTES,
    Kind.PONG: MAX_PROBE_BYTES,
}


class FrameError(ValueError):
    """Bytes that are no frame; the connection cannot go on."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One message of a tensor connection."""

    kind: Kind
    number: int = 0
    payload: bytes = b""
    dtype: int = 0
    shape: tuple[int, ...] = ()  # w, h, d, c as far as `dims` goes
    t_send_ns: int = 0
    t_recv_ns: int = 0
    t_reply_ns: int = 0
    has_crc: bool = True

    def encode(self) -> bytes:
        """Return the bytes of this frame."""
        crc = zlib.crc32(self.payload) if self.has_crc else 0
        sides = (*self.shape, *(1,) * (4 - len(self.shape)))
        times = (self.t_send_ns, self.t_recv_ns, self.t_reply_ns)
        head = (MAGIC, VERSION, self.kind, self.dtype, len(self.shape), self.number, *times)
        return HEADER.pack(*head, *sides, len(self.payload), crc) + self.payload

    @property
    def text(self) -> Mapping[str, Any]:
        """The JSON object that it carries, or FrameError."""
        try:
            found = json.loads(self.payload)
        except (ValueError, RecursionError) as error:
            raise FrameError(f"{self.kind.name} carries no JSON") from error
        if not isinstance(found, dict):
            raise FrameError(f"{self.kind.name} carries JSON that is no object")
        return found

    @property
    def timings(self) -> tuple[int, int, int]:
        """Of a RESULT: queue [us], compute [us] and how many shared the batch."""
        if len(self.payload) < TIMINGS.size:
            raise FrameError(f"RESULT of {len(self.payload)} bytes has no timings")
        queue_us, compute_us, batch, _ = TIMINGS.unpack_from(self.payload)
        return queue_us, compute_us, batch

    @property
    def tensor(self) -> bytes:
        """The encoded tensor of a TENSOR or RESULT."""
        return self.payload[TIMINGS.size :] if self.kind is Kind.RESULT else self.payload


def text_frame(kind: Kind, text: Mapping[str, Any], number: int = 0) -> Frame:
    """Return a frame that carries JSON; ValueError if it is too long."""
    payload = json.dumps(text, separators=(",", ":")).encode()
    if len(payload) > MAX_TEXT_BYTES:
        raise ValueError(f"{kind.name} of {len(payload)} bytes; at most {MAX_TEXT_BYTES}")
    return Frame(kind, number, payload)


def result_frame(
    request: Frame, tensor: Frame, queue_us: int, compute_us: int, batch: int
) -> Frame:
    """Return the answer to a request: timings, then the tensor of `tensor`."""
    timings = TIMINGS.pack(queue_us, compute_us, batch, 0)
    return replace(
        tensor,
        kind=Kind.RESULT,
        number=request.number,
        payload=timings + tensor.payload,
        t_send_ns=request.t_send_ns,
    )


class FrameReader:
    """Cuts a byte stream into frames; every length is checked before a byte of it is kept."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._head: tuple[Frame, int, int] | None = None  # frame without payload, bytes, CRC

    @property
    def wanted(self) -> int:
        """How many bytes are missing to the next header or frame."""
        total = self._head[1] if self._head else HEADER.size
        return total - len(self._buffer)

    def feed(self, data: bytes) -> list[Frame]:
        """Return the frames that `data` completes, or raise FrameError."""
        self._buffer += data
        frames = []
        while self.wanted <= 0:
            if self._head is None:
                self._head = _header(bytes(self._buffer[: HEADER.size]))
                del self._buffer[: HEADER.size]
            else:
                frames.append(self._complete(*self._head))
        return frames

    def _complete(self, head: Frame, size: int, crc: int) -> Frame:
        payload = bytes(self._buffer[:size])
        del self._buffer[:size]
        self._head = None
        if crc and zlib.crc32(payload) != crc:
            raise FrameError(f"{head.kind.name} {head.number}: the CRC of its payload is wrong")
        return replace(head, payload=payload)


def _header(data: bytes) -> tuple[Frame, int, int]:
    magic, version, number, dtype, dims, *rest = HEADER.unpack(data)
    request, t_send, t_recv, t_reply, w, h, d, c, size, crc = rest
    if magic != MAGIC or version != VERSION:
        raise FrameError(f"{magic!r} version {version} is no tensor frame of version {VERSION}")
    if number not in _LIMITS:
        raise FrameError(f"unknown frame type {number}")
    kind = Kind(number)
    if size > _LIMITS[kind]:
        raise FrameError(f"{kind.name} announces {size} bytes; at most {_LIMITS[kind]}")
    sides = (w, h, d, c)
    if dims > len(sides) or any(not 0 < side <= _MAX_SIDE for side in sides):
        raise FrameError(f"{kind.name} announces {dims} dimensions of {sides}")
    frame = Frame(kind, request, b"", dtype, sides[:dims], t_send, t_recv, t_reply, bool(crc))
    return frame, size, crc
