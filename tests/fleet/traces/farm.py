"""A run with a trial, and rows to put into it."""

from pathlib import Path
from typing import Any

import numpy as np
from psycopg import Connection

from devices.channels import Channel, Unit
from devices.samples import Group
from fleet import traces
from fleet.traces.planes import Ints, Mask
from fleet.traces.store import TraceStore
from fleet.traces.stored import Block

FENCE = 41
TABLES = Path(__file__).with_name("fleet_tables.sql")
SCHEMA = Path(traces.__file__).parent
FAST = Group(
    trial=1,
    number=0,
    name="fast",
    period_us=10_000,
    channels=(
        Channel("zone.skin.temperature", Unit.CELSIUS, -3, "thermal:skin"),
        Channel("cpu.big.frequency", Unit.HERTZ, 3, "cluster7.cur_khz"),
        Channel("cooling.cpu.state", Unit.ONE, 0, "cooling:cpu"),
    ),
)


def make_tables(connection: Connection[Any]) -> None:
    """Create the trace tables, and of the fleet's what they look at."""
    for path in (TABLES, SCHEMA / "schema.sql", SCHEMA / "schema_guard.sql"):
        connection.execute(path.read_bytes())


class Farm:
    """One run in `measuring` under `FENCE`, with trial 1 and its group `FAST` declared."""

    def __init__(self, connection: Connection[Any]) -> None:
        self.connection = connection
        self.run = 7
        connection.execute(
            "insert into fleet_run (id, state, attempt, fence) values (%s, 'measuring', 1, %s)",
            (self.run, FENCE),
        )
        self.trial = self.start_trial(1)
        self.store = TraceStore(connection, self.run, FENCE)
        self.store.declare_group(self.trial, FAST)

    def start_trial(self, number: int, attempt: int = 1) -> int:
        """Add a trial; return its id."""
        row = self.connection.execute(
            "insert into fleet_trial (run_id, attempt, number) values (%s, %s, %s) returning id",
            (self.run, attempt, number),
        ).fetchone()
        assert row is not None
        return int(row[0])

    def put(self, i0: int, rows: int) -> Block:
        """Store rows [i0, i0 + rows) of the fast group."""
        clock, raw, valid = rows_of(i0, rows)
        return self.store.insert_block(self.trial, 0, i0, clock, raw, valid)

    def count(self, table: str) -> int:
        """Return how many rows a table has."""
        row = self.connection.execute(f"select count(*) from {table}".encode()).fetchone()
        assert row is not None
        return int(row[0])


def rows_of(i0: int, rows: int) -> tuple[Ints, Ints, Mask]:
    """Return clock [rows], raw and valid [3, rows] of the fast group from row `i0` on.

    Row i is the same however it is asked for, has a null now and then, and a spike at row 5,000.
    """
    i = np.arange(i0, i0 + rows, dtype=np.int64)
    clock = i * 10_000 + (i * 7919) % 50
    temperature = 30_000 + (i * 31) % 997 + 90_000 * (i == 5_000)
    frequency = 300_000 * (1 + (i // 50) % 7)
    state = (i // 300) % 4
    raw = np.stack([temperature, frequency, state]).astype(np.int64)
    valid = np.ones(raw.shape, dtype=np.bool_)
    valid[0] = i % 101 != 3
    return clock, raw, valid
