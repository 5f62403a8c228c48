"""Stored trials as the trace that an analysis reads, and as the items they once were."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from psycopg import Connection, Cursor

from benchmarks.trace import Trace, TraceBuilder
from devices.channels import Channel, Unit
from devices.samples import Batch, Event, Group, Item
from fleet.traces import layout
from fleet.traces.layout import StoredGroup
from fleet.traces.queries import SQL
from fleet.traces.reading import Rows, read_rows

NS_PER_US = 1000


def load_trace(connection: Connection[Any], trials: Sequence[int]) -> Trace:
    """Return the trace of some trials, one after another; its times are trace time."""
    builder = TraceBuilder()
    stored: dict[int, int] = {}
    for trial in trials:
        for item in items_of(connection, trial):
            builder.add(_moved(item, stored) if isinstance(item, Batch) else item)
    return builder.build()


def items_of(connection: Connection[Any], trial: int) -> Iterator[Item]:
    """Yield what a trial consists of: its groups, all their rows, and its events.

    Times are ns since the origin of the run, cut to the µs that are stored.
    """
    for stored in layout.groups_of(connection, trial):
        group = _group(stored)
        yield group
        numbers = [channel.ch for channel in stored.channels]
        rows = read_rows(connection, trial, stored.number, numbers)
        if rows.count:
            yield _batch(group, rows)
    with Cursor(connection) as cursor:
        cursor.execute(SQL["events"], {"trials": [trial]})
        for i, t, kind, data in cursor:
            yield Event(trial, i if i >= 0 else -1, t * NS_PER_US, kind, json.loads(data))


def _group(stored: StoredGroup) -> Group:
    channels = (Channel(c.name, Unit(c.unit), c.exp, c.source) for c in stored.channels)
    return Group(stored.trial, stored.number, stored.name, stored.period_us, tuple(channels))


def _batch(group: Group, rows: Rows) -> Batch:
    t_ns = rows.clock * np.int64(NS_PER_US)
    return Batch(group.trial, group.number, 0, t_ns, rows.values, rows.valid)


def _moved(batch: Batch, stored: dict[int, int]) -> Batch:
    """Return the batch behind the rows that earlier trials have in its group."""
    i0 = stored.get(batch.group, 0)
    stored[batch.group] = i0 + batch.rows
    return Batch(batch.trial, batch.group, i0, batch.t_ns, batch.raw, batch.valid)
