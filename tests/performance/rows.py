"""The baseline: a row per sample with a btree, by binary COPY of a buffer that numpy builds."""

from typing import Any

import numpy as np
from psycopg import Connection

from tests.performance.reference_data import CHANNELS, Ticks

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_ROW = np.dtype(
    [
        *(("fields", ">i2"), ("run_size", ">i4"), ("run", ">i4"), ("ch_size", ">i4")),
        *(("ch", ">i2"), ("t_size", ">i4"), ("t", ">i8"), ("v_size", ">i4"), ("v", ">i8")),
    ]
)


def make_table(connection: Connection[Any]) -> None:
    """Create the table, empty."""
    connection.execute("drop table if exists sample")
    connection.execute("create table sample (run int4, ch int2, t int8, v int8)")
    connection.execute("create index on sample (run, ch, t)")


def insert(connection: Connection[Any], run: int, ticks: Ticks) -> None:
    """Store one batch of ticks and commit."""
    rows = np.empty((CHANNELS, ticks.rows), dtype=_ROW)
    rows["fields"] = 4
    rows["run_size"], rows["ch_size"], rows["t_size"], rows["v_size"] = 4, 2, 8, 8
    rows["run"] = run
    rows["ch"] = np.arange(CHANNELS)[:, None]
    rows["t"] = ticks.clock
    rows["v"] = ticks.raw
    with (
        connection.cursor() as cursor,
        cursor.copy("copy sample from stdin (format binary)") as copy,
    ):
        copy.write(_HEADER + rows.tobytes() + _TRAILER)
