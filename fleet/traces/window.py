"""A stretch of a run's trace in as many points as a plot has room for.

The coarsest level of the pyramid that still fills the plot is taken; what is not sealed yet is
reduced to buckets of the same size. Smallest and largest values survive in every case.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from psycopg import Connection, Cursor

from fleet.traces import layout, pyramid, tail
from fleet.traces.layout import StoredChannel, StoredGroup, StoredTrial
from fleet.traces.planes import Ints, Mask
from fleet.traces.pyramid import Buckets
from fleet.traces.queries import SQL
from fleet.traces.reading import Rows, Span, read_events, read_live, read_rows
from fleet.traces.stored import StoredEvent


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One channel of one trial within a window; stored integers."""

    trial: int
    group: int
    channel: StoredChannel
    is_exact: bool  # every row is there, and `low` is `high`
    clock: Ints  # [points], trace time [µs]
    low: Ints  # [points]
    high: Ints  # [points]
    valid: Mask  # [points]


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """Series of a run, complete up to number `seq` of its stream."""

    seq: int
    trials: tuple[StoredTrial, ...]
    events: tuple[StoredEvent, ...]
    series: tuple[Series, ...]


def read_window(
    connection: Connection[Any],
    run: int,
    names: Collection[str] | None = None,
    start_us: int | None = None,
    end_us: int | None = None,
    points: int | None = None,
) -> Window:
    """Return the channels called `names` (None: all) between two trace times.

    With `points` no series has more points to draw than that (a bucket has two); without, every
    row is there.
    """
    seq = tail.last_seq(connection, run)
    trials = layout.trials_of(connection, run)
    span = Span(seq=seq)
    if start_us is not None:
        span = replace(span, start=start_us)
    if end_us is not None:
        span = replace(span, end=end_us)
    levels = best_levels(connection, trials, span, points)
    series = [
        each
        for trial in trials
        for group in trial.groups
        for each in _series_of(connection, group, names, span, points, levels[group.key])
    ]
    return Window(seq, trials, read_events(connection, run, span), tuple(series))


def _series_of(
    connection: Connection[Any],
    group: StoredGroup,
    names: Collection[str] | None,
    span: Span,
    points: int | None,
    level: int,
) -> Iterator[Series]:
    channels = [c for c in group.channels if names is None or c.name in names]
    if not channels:
        return
    numbers = [channel.ch for channel in channels]
    if level:
        buckets = _read_level(connection, group, numbers, span, level)
    else:
        buckets = _in_time(read_rows(connection, group.trial, group.number, numbers, span))
    size = _merged(buckets.count, points, is_exact=not level)
    if size > 1:
        buckets = pyramid.merge(buckets, size)
    for at, channel in enumerate(channels):
        yield Series(
            trial=group.trial,
            group=group.number,
            channel=channel,
            is_exact=not level and size == 1,
            clock=buckets.clock,
            low=buckets.low[at],
            high=buckets.high[at],
            valid=buckets.valid[at],
        )


def best_levels(
    connection: Connection[Any], trials: Collection[StoredTrial], span: Span, points: int | None
) -> Mapping[tuple[int, int], int]:
    """Return, per trial and group, the coarsest level with a bucket for two of the points.

    0 stands for the rows themselves; without `points` every row is wanted.
    """
    best: dict[tuple[int, int], int] = defaultdict(int)
    if points is None:
        return best
    known = {"trials": [trial.id for trial in trials], "start": span.start, "end": span.end}
    with Cursor(connection) as cursor:
        cursor.execute(SQL["level_sizes"], known)
        for trial, group, level, in_view in cursor:
            if in_view >= points // 2:
                best[trial, group] = int(level)
    return best


def _merged(count: int, points: int | None, *, is_exact: bool) -> int:
    """Return how many buckets or rows to merge into one, so that at most `points` are drawn."""
    if points is None or (is_exact and count <= points):
        return 1
    return max(1, -(-count // max(1, points // 2)))


def _in_time(rows: Rows) -> Buckets:
    """Return rows in the order of their clock; inferences are stored as they end."""
    order = np.argsort(rows.clock, kind="stable")
    return pyramid.rows(rows.clock[order], rows.values[:, order], rows.valid[:, order])


def _read_level(
    connection: Connection[Any], group: StoredGroup, numbers: list[int], span: Span, level: int
) -> Buckets:
    """Return a level's buckets within `span`, and buckets of the rows that are not sealed."""
    size = pyramid.rows_per_bucket(level)
    with Cursor(connection) as cursor:
        sealed_to, live = read_live(cursor, group.trial, group.number, numbers, span)
        found = read_segments(cursor, group, numbers, level)
    sealed = pyramid.decode((ch, data) for ch, _, data in found)[: -(-sealed_to // size)]
    parts = [sealed] + ([pyramid.merge(_in_time(live), size)] if live.count else [])
    return _between(pyramid.join(parts), span)


def read_segments(
    cursor: Cursor[Any], group: StoredGroup, numbers: list[int], level: int
) -> list[tuple[int, int, bytes]]:
    """Return (channel, segment, bytes) of one level, channel by channel, the clock first."""
    where: dict[str, Any] = {"trial": group.trial, "grp": group.number, "lvl": level}
    cursor.execute(SQL["level"], where | {"channels": [0, *numbers]}, binary=True)
    return cursor.fetchall()


def _between(buckets: Buckets, span: Span) -> Buckets:
    """Return the buckets that may have rows within `span`: its first one begins before it."""
    first = max(0, int(np.searchsorted(buckets.clock, span.start, side="right")) - 1)
    last = int(np.searchsorted(buckets.clock, span.end, side="right"))
    return buckets[first:last]
