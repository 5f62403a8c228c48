"""A stored trial as the items it once arrived as, so that one builder makes every trace."""

import json
from collections.abc import Iterator
from typing import Any

from psycopg import Connection, Cursor

from devices.channels import Channel, Unit
from devices.samples import Batch, Event, Group, Item
from fleet.traces.layout import groups_of
from fleet.traces.queries import SQL
from fleet.traces.reading import read_rows

NS_PER_US = 1000


def stored_items(connection: Connection[Any], trial: int) -> Iterator[Item]:
    """Yield the groups, rows and events of a trial; its times are trace time in ns."""
    for stored in groups_of(connection, trial):
        channels = tuple(
            Channel(channel.name, Unit(channel.unit), channel.exp, channel.source)
            for channel in stored.channels
        )
        yield Group(trial, stored.number, stored.name, stored.period_us, channels)
        rows = read_rows(connection, trial, stored.number, [c.ch for c in stored.channels])
        if rows.count:
            yield Batch(trial, stored.number, 0, rows.clock * NS_PER_US, rows.values, rows.valid)
    yield from _events(connection, trial)


def _events(connection: Connection[Any], trial: int) -> Iterator[Event]:
    with Cursor(connection) as cursor:
        cursor.execute(SQL["events"], {"trial": trial})
        for i, t_us, kind, data in cursor:
            yield Event(trial, i, t_us * NS_PER_US, kind, json.loads(data))
