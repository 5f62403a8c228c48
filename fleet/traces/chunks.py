"""Chunks: one channel for 8,192 rows, plain enough for SQL to read.

Big-endian header (SQL's get_byte assembles that cheaply): width byte, rows (u32), first value
(i64); then the planes and, if the width byte says so, the validity map. Not compressed here:
Postgres compresses the column.
"""

import struct

import numpy as np

from fleet.traces import planes
from fleet.traces.planes import HAS_NULLS, WIDTHS, Ints, Mask

ROWS = 8192
PLANES = 1  # trace_chunk.codec of what this module writes
_HEADER = struct.Struct(">BIq")


class ChunkError(ValueError):
    """These bytes are not a chunk."""


def encode(values: Ints, valid: Mask | None = None) -> bytes:
    """Return the chunk of one channel's `values` [rows]; nulls where `valid` is false."""
    has_nulls = valid is not None and not valid.all()
    matrix = values[None, :]
    if valid is not None and has_nulls:
        matrix = planes.hold(matrix, valid[None, :])
    zigzags = planes.zigzag(matrix)
    width = int(planes.widths(zigzags)[0])
    head = _HEADER.pack(width | HAS_NULLS * has_nulls, values.shape[0], int(matrix[0, 0]))
    maps = planes.pack(valid) if valid is not None and has_nulls else b""
    return head + planes.split(zigzags, width) + maps


def decode(chunk: bytes) -> tuple[Ints, Mask]:
    """Return values and validity [rows]; raises ChunkError."""
    if len(chunk) < _HEADER.size:
        raise ChunkError(f"a chunk of {len(chunk)} bytes has no header")
    mark, rows, first = _HEADER.unpack_from(chunk)
    width, has_nulls = mark & 0x7F, mark >= HAS_NULLS
    end = _HEADER.size + width * (rows - 1)
    size = end + has_nulls * planes.map_bytes(rows)
    if width not in WIDTHS or rows < 1 or len(chunk) != size:
        raise ChunkError(f"a chunk of width {width} and {rows} rows has {size} bytes")
    deltas = np.empty((1, rows), dtype=np.int64)
    deltas[:, 0] = first
    deltas[:, 1:] = planes.join(chunk, _HEADER.size, 1, rows - 1, width)
    values = planes.accumulate(deltas)[0]
    if not has_nulls:
        return values, np.ones(rows, dtype=np.bool_)
    return values, planes.unpack(chunk, end, 1, rows)[0]
