"""The tail of the store: what was stored after a given number, in the order of its numbers."""

import json
from typing import Any

from psycopg import Connection, Cursor

from fleet.traces.queries import SQL
from fleet.traces.stored import Block, StoredEvent

PAGE = 200  # blocks and events that one read returns at most


def read_tail(
    connection: Connection[Any], run: int, since: int, limit: int = PAGE
) -> list[Block | StoredEvent]:
    """Return up to `limit` blocks and events of a run's newest attempt with a `seq` > `since`."""
    # What is stored between the two questions would be a later event without the block before it.
    last = last_seq(connection, run)
    wanted = {"run": run, "since": since, "last": last, "limit": limit}
    with Cursor(connection) as cursor:
        cursor.execute(SQL["tail_blocks"], wanted, binary=True)
        found: list[Block | StoredEvent] = [Block(*row) for row in cursor]
        cursor.execute(SQL["tail_events"], wanted)
        found += [
            StoredEvent(trial, i, seq, t, kind, json.loads(data))
            for trial, i, seq, t, kind, data in cursor
        ]
    return sorted(found, key=lambda item: item.seq)[:limit]


def last_seq(connection: Connection[Any], run: int) -> int:
    """Return the number of the newest block or event of a run; 0 before the first."""
    return seq_range(connection, run)[0]


def seq_range(connection: Connection[Any], run: int) -> tuple[int, int]:
    """Return the last number of a run's stream and the first that can still be replayed."""
    with Cursor(connection) as cursor:
        cursor.execute(SQL["seq_range"], {"run": run})
        last, sealed = cursor.fetchone() or (0, 0)
    return int(last or 0), int(sealed) + 1
