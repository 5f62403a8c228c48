"""Sealing: live blocks become chunks and a pyramid, in slices that each happen or do not.

It runs when the phone is free again. A crash at any point rolls its slice back, doing it again is
harmless, and a second sealer waits for the first and then finds nothing to do.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from psycopg import Connection, Cursor

from fleet.sql import load
from fleet.traces import blocks, chunks, layout, pyramid
from fleet.traces.planes import Ints, Mask
from fleet.traces.pyramid import BUCKET, FACTOR, FEWEST, SEGMENT, Buckets

SLICE = 16 * chunks.ROWS  # rows sealed in one transaction

_SQL = load(Path(__file__).with_name("seal.sql"))
_CHUNK_TYPES = ("int8", "int2", "int2", *("int8", "int4", "int4"), *("int8",) * 5, "int2", "bytea")


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Rows [lo, hi) of a group, read back from its blocks."""

    lo: int
    values: Ints  # [channels, rows], channel 0 = clock
    valid: Mask
    seq: int  # the highest number of those blocks


def seal_trial(connection: Connection[Any], trial: int) -> int:
    """Seal everything that a trial has stored; return how many rows that was."""
    sealed = 0
    for group in layout.groups_of(connection, trial):
        sealer = _Sealer(connection, trial, group.number)
        while rows := sealer.seal_slice():
            sealed += rows
        sealer.finish_pyramid()
    return sealed


class _Sealer:
    """Seals one clock group of one trial."""

    def __init__(self, connection: Connection[Any], trial: int, group: int) -> None:
        self._connection = connection
        self._key: dict[str, Any] = {"trial": trial, "grp": group}

    def seal_slice(self) -> int:
        """Move the next slice of rows into chunks; return its rows, 0 when none are left."""
        with self._connection.transaction(), Cursor(self._connection) as cursor:
            lo = self._number(cursor, "lock_group")
            hi = min(self._number(cursor, "stored_to"), lo + SLICE)
            if hi <= lo:
                return 0
            rows = self._read(cursor, lo, hi)
            self._add_chunks(cursor, rows)
            fine = pyramid.rows(rows.values[0], rows.values[1:], rows.valid[1:])
            self._extend_level(cursor, 1, lo // BUCKET, pyramid.merge(fine, BUCKET))
            cursor.execute(_SQL["move_on"], self._key | {"hi": hi, "seq": rows.seq})
            cursor.execute(_SQL["drop_blocks"], self._key | {"hi": hi})
        return hi - lo

    def finish_pyramid(self) -> None:
        """Add levels on top while the topmost has many buckets."""
        with self._connection.transaction(), Cursor(self._connection) as cursor:
            self._number(cursor, "lock_group")
            level = 1
            while (size := self._number(cursor, "level_size", lvl=level)) >= FEWEST:
                above = self._number(cursor, "level_size", lvl=level + 1)
                if above * FACTOR < size:
                    self._add_level(cursor, level, size)
                level += 1

    def _number(self, cursor: Cursor[Any], name: str, **values: Any) -> int:
        cursor.execute(_SQL[name], self._key | values)
        row = cursor.fetchone()
        return int(row[0] or 0) if row else 0

    def _read(self, cursor: Cursor[Any], lo: int, hi: int) -> _Rows:
        """Read rows [lo, hi) from the blocks that hold them."""
        cursor.execute(_SQL["slice_blocks"], self._key | {"lo": lo, "hi": hi}, binary=True)
        at, newest, parts = lo, 0, []
        for i0, n, seq, data in cursor:
            if i0 > at:
                raise ValueError(f"rows {at} to {i0} of {self._key} are not stored")
            values, valid = blocks.decode(data)
            part = slice(at - i0, min(hi, i0 + n) - i0)
            parts.append((values[:, part], valid[:, part]))
            at, newest = max(at, min(hi, i0 + n)), max(newest, seq)
        values = np.concatenate([values for values, _ in parts], axis=1)
        return _Rows(lo, values, np.concatenate([valid for _, valid in parts], axis=1), newest)

    def _add_chunks(self, cursor: Cursor[Any], rows: _Rows) -> None:
        with cursor.copy(_SQL["add_chunks"]) as copy:
            copy.set_types(_CHUNK_TYPES)
            for start in range(0, rows.values.shape[1], chunks.ROWS):
                part = slice(start, start + chunks.ROWS)
                clock = rows.values[0, part]
                times = (int(clock.min()), int(clock.max()))
                for ch, (values, valid) in enumerate(
                    zip(rows.values[:, part], rows.valid[:, part], strict=True)
                ):
                    copy.write_row(
                        (
                            *self._key.values(),
                            *(ch, rows.lo + start, values.size, int(valid.sum())),
                            *times,
                            *(_summary(values[valid]) if ch else (None, None, None)),
                            *(chunks.PLANES, chunks.encode(values, valid)),
                        )
                    )

    def _extend_level(self, cursor: Cursor[Any], level: int, first: int, new: Buckets) -> None:
        """Store buckets of a level from number `first` on, behind those that are there."""
        segment, room = divmod(first, SEGMENT)
        if room:
            cursor.execute(_SQL["segment"], self._key | {"lvl": level, "seg": segment}, binary=True)
            new = pyramid.join([pyramid.decode(cursor)[:room], new])
        for start in range(0, new.count, SEGMENT):
            part = new[start : start + SEGMENT]
            where = {"lvl": level, "seg": segment + start // SEGMENT, "nb": part.count}
            cursor.executemany(
                _SQL["put_segment"],
                [self._key | where | {"ch": ch, "data": data} for ch, data in pyramid.encode(part)],
            )

    def _add_level(self, cursor: Cursor[Any], below: int, size: int) -> None:
        """Make the level above `below`, a segment's worth of its buckets at a time."""
        for segment in range(-(-size // SEGMENT)):
            cursor.execute(_SQL["segment"], self._key | {"lvl": below, "seg": segment}, binary=True)
            coarse = pyramid.merge(pyramid.decode(cursor), FACTOR)
            self._extend_level(cursor, below + 1, segment * SEGMENT // FACTOR, coarse)


def _summary(values: Ints) -> tuple[int | None, int | None, int | None]:
    """Return the smallest, the largest and the sum; None of all nulls."""
    if not values.size:
        return None, None, None
    return int(values.min()), int(values.max()), int(values.sum())
