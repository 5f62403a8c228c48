"""A durable Postgres with the trace tables, and what its work costs."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psutil
from psycopg import Connection

from fleet.traces.store import TraceStore
from tests.fleet.traces.farm import make_tables
from tests.parts.postgres import running_postgres
from tests.performance.reference_data import fast_group


@contextmanager
def database() -> Iterator[Connection[Any]]:
    """Yield a connection that commits by itself, to empty tables on a disk that is waited for."""
    with running_postgres(durable=True) as server, server.connect("postgres") as connection:
        make_tables(connection)
        connection.execute("set jit = off")
        connection.execute("set max_parallel_workers_per_gather = 0")
        yield connection


@dataclass(slots=True)
class Cost:
    """What a stretch of work took."""

    cpu_s: float = 0.0  # of this process and of its Postgres backend
    wall_s: float = 0.0
    wal_bytes: int = 0


@contextmanager
def measured(connection: Connection[Any]) -> Iterator[Cost]:
    """Fill in the cost of the body; WAL starts with a checkpoint."""
    connection.execute("checkpoint")
    backend = psutil.Process(connection.info.backend_pid)
    cost = Cost()
    lsn = one(connection, "select pg_current_wal_insert_lsn()")
    cpu, wall = _cpu_s(backend), time.perf_counter()
    yield cost
    cost.cpu_s, cost.wall_s = _cpu_s(backend) - cpu, time.perf_counter() - wall
    cost.wal_bytes = int(
        one(connection, "select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), %s)", lsn)
    )


def disk_bytes(connection: Connection[Any], table: str) -> int:
    """Return what a table takes with its indexes and long values."""
    connection.execute(f"vacuum analyze {table}".encode())
    return int(one(connection, "select pg_total_relation_size(%s::regclass)", table))


def one(connection: Connection[Any], query: str, *values: object) -> Any:
    """Return the one value that a query gives."""
    row = connection.execute(query.encode(), values).fetchone()
    assert row is not None
    return row[0]


def start_runs(connection: Connection[Any], count: int) -> list[tuple[int, TraceStore]]:
    """Empty all tables and start runs; return each one's trial and writer."""
    connection.execute(
        "truncate fleet_run, fleet_trial, trace_group, trace_channel, trace_live, trace_chunk,"
        " trace_level, trace_event restart identity"
    )
    return [_start_run(connection, number) for number in range(1, count + 1)]


def _start_run(connection: Connection[Any], number: int) -> tuple[int, TraceStore]:
    connection.execute(
        "insert into fleet_run (id, state, attempt, fence) values (%s, 'measuring', 1, %s)",
        (number, number),
    )
    trial = one(
        connection,
        "insert into fleet_trial (run_id, attempt, number) values (%s, 1, 1) returning id",
        number,
    )
    store = TraceStore(connection, number, number)
    store.declare_group(trial, fast_group())
    return int(trial), store


def _cpu_s(backend: psutil.Process) -> float:
    used = backend.cpu_times()
    return time.process_time() + float(used.user) + float(used.system)
