"""The trace as our own pages load it: stored bytes, one record after another.

Little-endian: channel (u16), level (u8), group (u8), segment (u32), length (u32), bytes. Level 0
is a block of a channel's clock and values. From level 1 on there is a block of smallest and
largest values for each channel and segment, and one of the clock that they share, as channel 0.
Level 255 is JSON text: first what the trace consists of and up to which number of
the stream it goes, then, before the records of each trial, which trial it is.
"""

import json
import struct
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np
from psycopg import Connection, Cursor

from fleet.traces import blocks, layout, pyramid, tail
from fleet.traces.layout import StoredGroup
from fleet.traces.pyramid import Buckets
from fleet.traces.reading import Rows, Span, join, read_events, read_live, read_rows
from fleet.traces.window import read_segments

TEXT = 255  # level of a record that is JSON
LIVE = 0xFFFF_FFFF  # segment of buckets that were made of rows that are not sealed
_RECORD = struct.Struct("<HBBII")


def read_records(
    connection: Connection[Any],
    run: int,
    facts: Mapping[str, Any],
    names: Collection[str] | None = None,
    points: int | None = None,
) -> Iterator[bytes]:
    """Yield the records of a whole run; `facts` (device kind, speed …) go into the first one.

    Levels leave as they are stored: at least `points` points per channel, as far as there are
    that many rows. Without `points` every row is sent.
    """
    seq, first = tail.seq_range(connection, run)
    trials = layout.trials_of(connection, run)
    about = {
        "seq": seq,
        "from": first,
        "run": run,
        **facts,
        "trials": [trial.as_json() for trial in trials],
        "events": [event.as_json() for event in read_events(connection, run, Span(seq=seq))],
    }
    yield _text(about)
    for trial in trials:
        yield _text({"trial": trial.id})
        for group in trial.groups:
            numbers = [c.ch for c in group.channels if names is None or c.name in names]
            if numbers:
                yield from _of_group(connection, group, numbers, Span(seq=seq), points)


def _of_group(
    connection: Connection[Any],
    group: StoredGroup,
    numbers: list[int],
    span: Span,
    points: int | None,
) -> Iterator[bytes]:
    level, segments = _fitting_level(connection, group, numbers, points)
    if level == 0:
        rows = read_rows(connection, group.trial, group.number, numbers, span)
        yield from _thinned(group.number, numbers, rows, points)
        return
    live = join([], len(numbers))
    if not group.is_sealed:
        with Cursor(connection) as cursor:
            _, live = read_live(cursor, group.trial, group.number, numbers, span)
    for ch, segment, data in segments:
        yield _record(ch, level, group.number, segment, data)
    if live.count:
        size = pyramid.rows_per_bucket(level)
        yield from _buckets(group.number, numbers, level, pyramid.merge(_buckets_of(live), size))


def _fitting_level(
    connection: Connection[Any], group: StoredGroup, numbers: list[int], points: int | None
) -> tuple[int, list[tuple[int, int, bytes]]]:
    """Return the coarsest level with a bucket for two of the points, and its segments.

    Which one that is follows from the rows that are sealed. A level that nobody has built yet
    leaves it to the next finer one, and level 0 to the rows themselves.
    """
    level = pyramid.coarsest(group.sealed_to, points // 2) if points else 0
    with Cursor(connection) as cursor:
        while level:
            if segments := read_segments(cursor, group, numbers, level):
                return level, segments
            level -= 1
    return 0, []


def _thinned(group: int, numbers: list[int], rows: Rows, points: int | None) -> Iterator[bytes]:
    """Yield rows as they are, or as buckets when there are too many to draw."""
    if not rows.count:
        return
    if points and rows.count > points:
        size = -(-rows.count // max(1, points // 2))
        yield from _buckets(group, numbers, 1, pyramid.merge(_buckets_of(rows), size))
        return
    always = np.ones_like(rows.clock, dtype=np.bool_)
    for at, ch in enumerate(numbers):
        data = blocks.encode(
            np.stack([rows.clock, rows.values[at]]), np.stack([always, rows.valid[at]])
        )
        yield _record(ch, 0, group, 0, data)


def _buckets(group: int, numbers: list[int], level: int, buckets: Buckets) -> Iterator[bytes]:
    for at, data in pyramid.encode(buckets):
        yield _record(numbers[at - 1] if at else 0, level, group, LIVE, data)


def _buckets_of(rows: Rows) -> Buckets:
    return pyramid.rows(rows.clock, rows.values, rows.valid)


def _text(content: Mapping[str, Any]) -> bytes:
    return _record(0, TEXT, 0, 0, json.dumps(dict(content), ensure_ascii=False).encode())


def _record(ch: int, level: int, group: int, segment: int, data: bytes) -> bytes:
    return _RECORD.pack(ch, level, group, segment, len(data)) + data
