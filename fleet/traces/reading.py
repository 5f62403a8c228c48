"""Rows of a clock group, wherever they are: sealed chunks first, then live blocks.

Live blocks are read first, with the row up to which the group was sealed at that moment. Chunks
are read up to that row, whatever is sealed in between: nothing is seen twice or never.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from psycopg import Connection, Cursor

from fleet.traces import blocks, chunks
from fleet.traces.planes import LIMIT, Ints, Mask
from fleet.traces.queries import SQL
from fleet.traces.stored import StoredEvent


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rows of some channels of one clock group, in the order of their indexes."""

    clock: Ints  # [rows], trace time [µs]
    values: Ints  # [channels, rows]
    valid: Mask  # [channels, rows]

    @property
    def count(self) -> int:
        """The number of rows."""
        return int(self.clock.shape[0])

    def where(self, kept: Mask) -> "Rows":
        """Return some of the rows."""
        if kept.all():
            return self
        return Rows(self.clock[kept], self.values[:, kept], self.valid[:, kept])


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of trace time [µs], both ends included, as the stream was at number `seq`."""

    start: int = -LIMIT
    end: int = LIMIT
    seq: int = LIMIT


def read_rows(
    connection: Connection[Any],
    trial: int,
    group: int,
    channels: Sequence[int],
    span: Span | None = None,
) -> Rows:
    """Return the rows of some channels (not the clock) of a group within `span`."""
    span = span or Span()
    with Cursor(connection) as cursor:
        sealed_to, live = read_live(cursor, trial, group, channels, span)
        sealed = _read_sealed(cursor, trial, group, channels, span, sealed_to)
    rows = join([sealed, live], len(channels))
    return rows.where((rows.clock >= span.start) & (rows.clock <= span.end))


def read_events(
    connection: Connection[Any], run: int, span: Span | None = None
) -> tuple[StoredEvent, ...]:
    """Return the events of a run's newest attempt within `span`, as they were stored."""
    span = span or Span()
    within = {"start": span.start, "end": span.end, "seq": span.seq}
    with Cursor(connection) as cursor:
        cursor.execute(SQL["window_events"], {"run": run} | within)
        return tuple(
            StoredEvent(trial, i, seq, t, kind, json.loads(data))
            for trial, i, seq, t, kind, data in cursor
        )


def read_live(
    cursor: Cursor[Any], trial: int, group: int, channels: Sequence[int], span: Span
) -> tuple[int, Rows]:
    """Return the row up to which a group is sealed, and rows of later blocks within `span`."""
    where: dict[str, Any] = {"trial": trial, "grp": group}
    window = {"start": span.start, "end": span.end, "seq": span.seq}
    cursor.execute(SQL["live_blocks"], where | window, binary=True)
    found = cursor.fetchall()
    sealed_to = found[0][0] if found else 0
    at, parts = sealed_to, []
    for _, i0, n, data in found:
        if data is not None and i0 + n > at:
            values, valid = blocks.decode(data)
            new = slice(max(at - i0, 0), None)
            parts.append(Rows(values[0, new], values[channels, new], valid[channels, new]))
            at = i0 + n
    return sealed_to, join(parts, len(channels))


def _read_sealed(
    cursor: Cursor[Any],
    trial: int,
    group: int,
    channels: Sequence[int],
    span: Span,
    sealed_to: int,
) -> Rows:
    if not sealed_to:
        return join([], len(channels))
    cursor.execute(
        SQL["chunks"],
        {
            "trial": trial,
            "grp": group,
            "channels": [0, *channels],
            "start": span.start,
            "end": span.end,
            "sealed_to": sealed_to,
        },
        binary=True,
    )
    columns: dict[int, list[tuple[Ints, Mask]]] = defaultdict(list)
    for ch, data in cursor:
        columns[ch].append(chunks.decode(data))
    if not columns:
        return join([], len(channels))
    clock = np.concatenate([values for values, _ in columns[0]])
    of_channels = [columns[ch] for ch in channels]
    return Rows(
        clock,
        _table([[values for values, _ in column] for column in of_channels], clock.size, np.int64),
        _table([[valid for _, valid in column] for column in of_channels], clock.size, np.bool_),
    )


def _table(columns: list[list[Any]], rows: int, dtype: Any) -> Any:
    """Return chunks' arrays as one matrix [channels, rows]."""
    if not columns:
        return np.empty((0, rows), dtype)
    return np.stack([np.concatenate(column) for column in columns])


def join(parts: list[Rows], channels: int) -> Rows:
    """Return the rows of all parts, one after another."""
    empty = np.empty((channels, 0), np.int64)
    parts = [part for part in parts if part.count]
    if not parts:
        return Rows(np.empty(0, np.int64), empty, empty.astype(np.bool_))
    return Rows(
        np.concatenate([part.clock for part in parts]),
        np.concatenate([part.values for part in parts], axis=1),
        np.concatenate([part.valid for part in parts], axis=1),
    )
