"""The writer's side of the trace store: one holder of a run's fence adds blocks and events.

Every insert is one statement of its own and committed when the call returns: what is published
or acknowledged after it cannot vanish.
"""

import hashlib
import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
from psycopg import Connection, Cursor, Error

from devices.channels import Channel, Unit
from devices.samples import Group
from fleet.lifecycle.run import LeaseLost
from fleet.traces import blocks, layout, planes
from fleet.traces.insert import Insert, int2, int4, int8
from fleet.traces.planes import Ints, Mask
from fleet.traces.queries import SQL
from fleet.traces.stored import Block, StoredEvent
from fleet.traces.tail import last_seq

log = logging.getLogger(__name__)

STALE_FENCE = "55F03"
BLOCK_TYPES = ("int8", "int2", "int8", "int4", *("int8",) * 4, "bytea", "bytea")
CLOCK = Channel("clock", Unit.SECOND, -6, "clock")


class TraceStore:
    """Adds to the trace of one run, as long as `fence` is the run's."""

    def __init__(self, connection: Connection[Any], run: int, fence: int) -> None:
        """`connection` commits by itself (autocommit) and belongs to the calling thread."""
        self._connection = connection
        self._insert_block = Insert(connection, SQL["insert_block"], BLOCK_TYPES)
        self._run = run
        self._fence = fence
        self._seq = last_seq(connection, run)
        self._newest_us = 0  # trace time of the newest row or event

    def declare_group(self, trial: int, group: Group) -> StoredEvent:
        """Note a clock group and its channels; doing it again changes nothing.

        Returns an event that tells viewers what the trial consists of now. Raises LeaseLost.
        """
        with self._connection.transaction(), _cursor(self._connection) as cursor:
            of_group = {"trial": trial, "grp": group.number}
            cursor.execute(
                SQL["declare_group"],
                of_group | {"name": group.name, "period_us": group.period_us},
            )
            rows = [
                of_group
                | {"ch": ch, "name": channel.name, "source": channel.source}
                | {"unit": channel.unit.value, "exp": channel.exp, "kind": _kind(channel)}
                for ch, channel in enumerate((CLOCK, *group.channels))
            ]
            cursor.executemany(SQL["declare_channel"], rows)
        described = layout.describe_trial(self._connection, self._run, trial)
        return self.insert_event(trial, -1, self._newest_us, "trial", described)

    def insert_block(
        self, trial: int, group: int, i0: int, clock: Ints, raw: Ints, valid: Mask
    ) -> Block:
        """Store the rows of a group from `i0` on: `clock` [rows] in trace µs, `raw` and `valid`
        [channels, rows].

        Returns what is stored under that key. That is somebody's earlier block, perhaps of
        another length, if one is there: go on at its `next_row`. Raises LeaseLost.
        """
        try:
            data = _encode(clock, raw, valid)
        except blocks.TooLarge:
            data = _encode(clock, *self._without_giants(trial, group, raw, valid))
        seq = self._seq + 1
        block = Block(trial, group, i0, clock.size, int(clock.min()), int(clock.max()), seq, data)
        if not self._is_inserted(block):
            return self._stored_block(block)
        self._seq = seq
        self._newest_us = max(self._newest_us, block.t1)
        return block

    def insert_event(
        self, trial: int, i: int, t_us: int, kind: str, data: Mapping[str, Any]
    ) -> StoredEvent:
        """Store an event at trace time `t_us`; i < 0 means a remark of the host.

        Returns what is stored under that key, which may be there already. Raises LeaseLost.
        """
        seq = self._seq + 1
        event = StoredEvent(trial, i if i >= 0 else -seq, seq, t_us, kind, data)
        values = {
            "trial": trial,
            "i": event.i,
            "seq": seq,
            "t": t_us,
            "kind": kind,
            "data": _json(data),
            "fence": self._fence,
        }
        with self._holding_the_fence(), _cursor(self._connection) as cursor:
            cursor.execute(SQL["insert_event"], values)
            if cursor.rowcount == 0:
                return self._stored_event(event)
        self._seq = seq
        self._newest_us = max(self._newest_us, t_us)
        return event

    def next_row(self, trial: int, group: int) -> int:
        """Return the first row of a group that is not stored yet."""
        with _cursor(self._connection) as cursor:
            cursor.execute(SQL["next_row"], {"trial": trial, "grp": group})
            (row,) = cursor.fetchone() or (0,)
            return int(row)

    def _is_inserted(self, block: Block) -> bool:
        with self._holding_the_fence():
            return self._insert_block(
                int8(block.trial),
                int2(block.group),
                int8(block.i0),
                int4(block.rows),
                int8(block.t0),
                int8(block.t1),
                int8(block.seq),
                int8(self._fence),
                hashlib.sha256(block.data).digest(),
                block.data,
            )

    @contextmanager
    def _holding_the_fence(self) -> Iterator[None]:
        try:
            yield
        except Error as error:
            if error.sqlstate == STALE_FENCE:
                raise LeaseLost(f"fence {self._fence} of run {self._run} is stale") from error
            raise

    def _stored_block(self, ours: Block) -> Block:
        with _cursor(self._connection) as cursor:
            key = {"trial": ours.trial, "grp": ours.group, "i0": ours.i0}
            cursor.execute(SQL["stored_block"], key, binary=True)
            rows, t0, t1, seq, digest, data = cursor.fetchone() or (0, 0, 0, 0, b"", b"")
        if rows == ours.rows and digest != hashlib.sha256(ours.data).digest():
            log.error(
                "block_conflict: trial %s group %s row %s is stored with other values",
                ours.trial,
                ours.group,
                ours.i0,
            )
        return Block(ours.trial, ours.group, ours.i0, rows, t0, t1, seq, data)

    def _stored_event(self, ours: StoredEvent) -> StoredEvent:
        with _cursor(self._connection) as cursor:
            cursor.execute(SQL["stored_event"], {"trial": ours.trial, "i": ours.i})
            seq, t, kind, data = cursor.fetchone() or (0, 0, "", "{}")
        return StoredEvent(ours.trial, ours.i, seq, t, kind, json.loads(data))

    def _without_giants(self, trial: int, group: int, raw: Ints, valid: Mask) -> tuple[Ints, Mask]:
        """Make nulls of valid values that are too large to be stored, and say so once."""
        fits = planes.fits(raw)
        giants = valid & ~fits
        if giants.any():
            channels = (np.flatnonzero(giants.any(axis=1)) + 1).tolist()
            with _cursor(self._connection) as cursor:
                flag = {"trial": trial, "grp": group, "quality": "out_of_range"}
                cursor.execute(SQL["flag_channel"], flag | {"channels": channels})
        return np.where(fits, raw, 0), valid & fits


def _cursor(connection: Connection[Any]) -> Cursor[Any]:
    """Return a cursor that binds on the server, whatever class the connection prefers."""
    return Cursor(connection)


def _encode(clock: Ints, raw: Ints, valid: Mask) -> bytes:
    """Return the block of a clock [rows] and its channels [channels, rows]."""
    matrix = np.concatenate([clock[None, :], raw])
    if valid.all():
        return blocks.encode(matrix)
    return blocks.encode(matrix, np.concatenate([np.ones((1, clock.size), np.bool_), valid]))


def _json(data: Mapping[str, Any]) -> str:
    """Return JSON that Postgres takes: a phone may send NUL or half a surrogate pair."""
    text = json.dumps(dict(data), ensure_ascii=False).replace("\\u0000", "\\ufffd")
    return text.encode(errors="replace").decode()


def _kind(channel: Channel) -> str:
    if channel is CLOCK:
        return "index"
    if channel.unit is Unit.SECOND:
        return "duration"
    return "state" if channel.unit is Unit.ONE and channel.exp == 0 else "gauge"
