"""Blocks and events as they are stored and sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of one clock group as they are stored and sent."""

    trial: int
    group: int
    i0: int  # index of the first row
    rows: int
    t0: int  # smallest and largest trace time of its rows [µs]
    t1: int
    seq: int
    data: bytes

    @property
    def next_row(self) -> int:
        """The index of the first row after it."""
        return self.i0 + self.rows


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event of the phone or a remark of the host, as it is stored and sent."""

    trial: int
    i: int  # the agent's index; -seq for the host's remarks
    seq: int
    t: int  # trace time [µs]
    kind: str
    data: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Return what clients of the trace are told about it."""
        return {
            "seq": self.seq,
            "trial": self.trial,
            "i": self.i,
            "t": self.t,
            "kind": self.kind,
            "data": dict(self.data),
        }
