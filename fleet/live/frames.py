"""What viewers of a run receive: stored bytes in an envelope, or the same integers as JSON."""

import json
import struct
from typing import Any

from fleet.traces import blocks, planes
from fleet.traces.stored import Block, StoredEvent

BLOCK = 1  # kind of a binary frame
VERSION = 1
READ_BACK = 1  # flag: from the database, not from the live tail
DROPPED_BEFORE = 2  # flag: frames before this one were let go

#: kind u8, version u8, group u16, flags u32, seq u64, first row u64, trial u64, little-endian
_ENVELOPE = struct.Struct("<BBHIQQQ")
_FLAGS_AT = 4


def pack(block: Block, flags: int = 0) -> bytes:
    """Return the binary frame of a block: its envelope and the stored bytes, unchanged."""
    head = _ENVELOPE.pack(BLOCK, VERSION, block.group, flags, block.seq, block.i0, block.trial)
    return head + block.data


def with_flags(frame: bytes, flags: int) -> bytes:
    """Return the same frame with other flags."""
    return frame[:_FLAGS_AT] + struct.pack("<I", flags) + frame[_FLAGS_AT + 4 :]


def columns(frame: bytes) -> str:
    """Return a binary frame as a JSON column frame of the stored integers; nulls are null."""
    _, _, group, flags, seq, i0, trial = _ENVELOPE.unpack_from(frame)
    values, valid = blocks.decode(frame[_ENVELOPE.size :])
    message: dict[str, Any] = {
        "ev": "frame",
        "seq": seq,
        "trial": trial,
        "g": group,
        "i0": i0,
        "t": values[0].tolist(),
        "ch": {str(ch): planes.or_none(values[ch], valid[ch]) for ch in range(1, values.shape[0])},
    }
    return _flagged(message, flags)


def event(stored: StoredEvent, flags: int = 0) -> str:
    """Return an event as the JSON message that every client gets."""
    return _flagged({"ev": "event", **stored.as_json()}, flags)


def event_with_flags(text: str, flags: int) -> str:
    """Return the same event with flags."""
    return _flagged(json.loads(text), flags)


def _flagged(message: dict[str, Any], flags: int) -> str:
    if flags:
        message["flags"] = flags
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False)
