"""Blocks: all channels of a clock group for a stretch of rows, as one small string of bytes.

Little-endian: version, flags, channels (u16), rows (u32), a width byte per channel, the first
value of each channel (i64), then one zstd frame of the payload. The payload holds the planes of
all channels of width 1, then of 2, 4 and 8, then the validity maps of channels that have nulls.
The same bytes are the row in the database, the frame on the websocket and a level of the pyramid.
"""

import struct
import threading
from dataclasses import dataclass

import numpy as np
import zstandard
from numpy.typing import NDArray

from fleet.traces import planes
from fleet.traces.planes import HAS_NULLS, WIDTHS, Ints, Mask

VERSION = 1
MAX_CHANNELS = 256  # the clock and 255 others
MAX_ROWS = 1 << 24  # a security limit: no block of ours has more than 1,000 rows, no level 16,384
MAX_PAYLOAD = 1 << 30  # [B], a security limit too
_FIXED = struct.Struct("<BBHI")
_IS_WIDTH = np.array([width in WIDTHS for width in range(HAS_NULLS)])


class BlockError(ValueError):
    """These bytes are not a block."""


class TooLarge(ValueError):
    """A value of 2^49 or more cannot be stored; make it a null first."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


class _Codecs(threading.local):
    """zstd contexts, which two threads must not share."""

    def __init__(self) -> None:
        self.compressor = zstandard.ZstdCompressor(
            level=1, write_content_size=True, write_checksum=False
        )
        self.decompressor = zstandard.ZstdDecompressor()


_codecs = _Codecs()


def encode(matrix: Ints, valid: Mask | None = None) -> bytes:
    """Return the block of `matrix` [channels, rows]; channel 0 of a clock group is its clock [µs].

    `valid` [channels, rows] is false for nulls, whose numbers are never read; None: there are
    none. Raises ValueError for a matrix without rows, TooLarge for a value of 2^49 or more.
    """
    _require_shape(matrix)
    channels = matrix.shape[0]
    has_nulls = np.zeros(channels, np.bool_) if valid is None else ~valid.all(axis=1)
    maps = b""
    if valid is not None and has_nulls.any():
        matrix = planes.hold(matrix, valid)
        maps = planes.pack(valid[has_nulls])
    if not (matrix.min() > -planes.LIMIT and matrix.max() < planes.LIMIT):
        raise TooLarge
    zigzags = planes.zigzag(matrix)
    widths = planes.widths(zigzags)
    used = np.flatnonzero(np.bincount(widths)).tolist()
    payload = [planes.split(zigzags[widths == width], width) for width in used]
    marks = widths | (has_nulls.view(np.uint8) << 7)
    first = matrix[:, 0].astype("<i8")
    head = _FIXED.pack(VERSION, 0, *matrix.shape) + marks.tobytes() + first.tobytes()
    return head + _codecs.compressor.compress(b"".join((*payload, maps)))


def _require_shape(matrix: Ints) -> None:
    channels, rows = matrix.shape
    if not (1 <= channels <= MAX_CHANNELS and 1 <= rows <= MAX_ROWS):
        raise ValueError(f"a block of {channels} channels × {rows} rows cannot be")


@dataclass(frozen=True, slots=True, eq=False)
class Header:
    """What stands before the payload."""

    channels: int
    rows: int
    widths: NDArray[np.uint8]  # [channels]
    has_nulls: Mask  # [channels]
    first: Ints  # [channels]

    @property
    def size(self) -> int:
        """The bytes of the header."""
        return _FIXED.size + 9 * self.channels

    @property
    def payload_size(self) -> int:
        """The bytes of the payload before compression."""
        maps = int(self.has_nulls.sum()) * planes.map_bytes(self.rows)
        return int(self.widths.sum(dtype=np.int64)) * (self.rows - 1) + maps


def read_header(block: bytes) -> Header:
    """Parse the part before the zstd frame; raises BlockError."""
    if len(block) < _FIXED.size:
        raise BlockError(f"a block of {len(block)} bytes has no header")
    version, flags, channels, rows = _FIXED.unpack_from(block)
    if (version, flags) != (VERSION, 0):
        raise BlockError(f"version {version} with flags {flags} is not known here")
    if not (1 <= channels <= MAX_CHANNELS and 1 <= rows <= MAX_ROWS):
        raise BlockError(f"a block of {channels} channels × {rows} rows cannot be")
    if len(block) < _FIXED.size + 9 * channels:
        raise BlockError(f"a block of {len(block)} bytes cannot have {channels} channels")
    marks = np.frombuffer(block, np.uint8, channels, _FIXED.size)
    first = np.frombuffer(block, "<i8", channels, _FIXED.size + channels).astype(np.int64)
    header = Header(channels, rows, marks & np.uint8(0x7F), marks >= HAS_NULLS, first)
    if not _IS_WIDTH[header.widths].all():
        raise BlockError(f"widths {header.widths.tolist()} are not all of {WIDTHS}")
    return header


def payload(block: bytes, header: Header) -> bytes:
    """Return the planes and validity maps; raises BlockError."""
    frame = block[header.size :]
    size = header.payload_size
    try:
        if size > MAX_PAYLOAD or zstandard.frame_content_size(frame) != size:
            raise BlockError(f"the payload should have {size} bytes")
        return _codecs.decompressor.decompress(frame) if size else b""
    except zstandard.ZstdError as error:
        raise BlockError(f"the payload is damaged: {error}") from error


def decode(block: bytes) -> tuple[Ints, Mask]:
    """Return values and validity, both [channels, rows]; a null's value repeats the last one."""
    header = read_header(block)
    data = payload(block, header)
    values = np.empty((header.channels, header.rows), dtype=np.int64)
    values[:, 0] = header.first
    offset = 0
    for width in sorted(set(header.widths.tolist())):
        chosen = np.flatnonzero(header.widths == width)
        values[chosen, 1:] = planes.join(data, offset, chosen.size, header.rows - 1, width)
        offset += chosen.size * width * (header.rows - 1)
    valid = np.ones((header.channels, header.rows), dtype=np.bool_)
    mapped = int(np.count_nonzero(header.has_nulls))
    if mapped:
        valid[header.has_nulls] = planes.unpack(data, offset, mapped, header.rows)
    return planes.accumulate(values), valid
