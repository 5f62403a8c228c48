"""A real Postgres with the trace tables, empty before each test."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from fleet import traces
from fleet.local.postgres import Postgres
from tests.fleet.traces.farm import Farm

DATABASE = "traces"
TABLES = Path(__file__).with_name("fleet_tables.sql")
SCHEMA = Path(traces.__file__).parent


@pytest.fixture(scope="session")
def database(postgres: Postgres) -> str:
    """Connection string of a fresh database with the trace schema."""
    with postgres.connect("postgres", "postgres") as server:
        server.execute(f"create database {DATABASE}".encode())
    with postgres.connect("postgres", DATABASE) as connection:
        for path in (TABLES, SCHEMA / "schema.sql", SCHEMA / "schema_guard.sql"):
            connection.execute(path.read_bytes())
    return f"host={postgres.sockets} user=postgres dbname={DATABASE}"


@pytest.fixture
def connection(database: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection that commits by itself, to empty tables."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "truncate fleet_run, fleet_trial, trace_group, trace_channel, trace_live,"
            " trace_chunk, trace_level, trace_event restart identity"
        )
        yield connection


@pytest.fixture
def farm(connection: psycopg.Connection[Any]) -> Farm:
    """One run in `measuring` with one trial."""
    return Farm(connection)
