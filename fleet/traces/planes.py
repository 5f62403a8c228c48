"""Integers as byte planes: deltas, zigzag, the narrowest width, least significant byte first.

Blocks and chunks are both made of this. A null repeats the last valid value of its channel, so
that it costs no bits; the validity map beside the planes says that it is a null.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
Deltas = NDArray[np.signedinteger[Any]]

LIMIT = 1 << 49  # |value| stays below: exact deltas in JavaScript, sums of a chunk within int8
WIDTHS = (1, 2, 4, 8)  # bytes per delta
HAS_NULLS = 0x80  # in a width byte: a validity map follows the planes

_WIDTHS = np.array(WIDTHS, dtype=np.uint8)
_LARGEST = np.array([0xFF, 0xFFFF, 0xFFFF_FFFF], dtype=np.uint64)


def fits(matrix: Ints) -> Mask:
    """Return where a value is small enough to be stored."""
    return (matrix > -LIMIT) & (matrix < LIMIT)


def hold(matrix: Ints, valid: Mask) -> Ints:
    """Replace nulls by the last valid value before them in their channel.

    Leading nulls take the first valid value, and a channel of nulls alone is 0. [channels, rows]
    """
    rows = np.arange(matrix.shape[1])
    source = np.maximum.accumulate(np.where(valid, rows, 0), axis=1)
    source = np.maximum(source, valid.argmax(axis=1)[:, None])
    held: Ints = np.take_along_axis(matrix, source, axis=1)
    held[~valid.any(axis=1)] = 0
    return held


def zigzag(matrix: Ints) -> NDArray[np.uint64]:
    """Return the deltas of each channel as unsigned numbers, small when they are small."""
    deltas = matrix[:, 1:] - matrix[:, :-1]
    return ((deltas << 1) ^ (deltas >> 63)).view(np.uint64)


def widths(zigzags: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """Return the bytes that each channel's largest delta needs: 1, 2, 4 or 8."""
    if zigzags.shape[1] == 0:
        return np.ones(zigzags.shape[0], dtype=np.uint8)
    enough: NDArray[np.uint8] = _WIDTHS[np.searchsorted(_LARGEST, zigzags.max(axis=1))]
    return enough


def split(zigzags: NDArray[np.uint64], width: int) -> bytes:
    """Return the channels one after another, each as `width` planes of its bytes."""
    narrow = zigzags.astype(f"<u{width}")
    if width == 1 or not narrow.size:
        return narrow.tobytes()
    by_row = narrow.view(np.uint8).reshape(*zigzags.shape, width)
    return by_row.transpose(0, 2, 1).tobytes()


def join(data: bytes, offset: int, channels: int, deltas: int, width: int) -> Deltas:
    """Undo `split` and zigzag: read `channels` × `deltas` numbers of `width` bytes at `offset`.

    The result is as narrow as the planes were: a chart waits for this.
    """
    planes = np.frombuffer(data, np.uint8, channels * deltas * width, offset)
    planes = planes.reshape(channels, width, deltas)
    zigzags = planes[:, 0].astype(f"<u{width}")
    for plane in range(1, width):
        zigzags |= planes[:, plane].astype(zigzags.dtype) << (8 * plane)
    narrow: Deltas = ((zigzags >> 1) ^ (~(zigzags & 1) + 1)).view(f"<i{width}")
    return narrow


def accumulate(deltas: Ints) -> Ints:
    """Turn rows that begin with a value and go on in deltas into values, in place."""
    return np.cumsum(deltas, axis=1, out=deltas)


def pack(valid: Mask) -> bytes:
    """Return validity maps: one bit per row, least significant first, each channel padded."""
    return np.packbits(valid, axis=-1, bitorder="little").tobytes()


def unpack(data: bytes, offset: int, channels: int, rows: int) -> Mask:
    """Undo `pack`. [channels, rows]"""
    size = map_bytes(rows)
    maps = np.frombuffer(data, np.uint8, channels * size, offset).reshape(channels, size)
    return np.unpackbits(maps, axis=1, count=rows, bitorder="little").view(np.bool_)


def or_none(values: NDArray[Any], valid: Mask) -> list[Any]:
    """Return one channel's values as Python numbers, None where they are null. [rows]"""
    numbers: list[Any] = values.tolist()
    if valid.all():
        return numbers
    return [number if ok else None for number, ok in zip(numbers, valid.tolist(), strict=True)]


def map_bytes(rows: int) -> int:
    """Return the size of one channel's validity map."""
    return (rows + 7) // 8
