"""A real Postgres with the trace tables, empty before each test."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from fleet.local.postgres import Postgres
from tests.fleet.traces.farm import Farm, make_tables

DATABASE = "traces"


@pytest.fixture(scope="session")
def database(postgres: Postgres) -> str:
    """Connection string of a fresh database with the trace schema."""
    with postgres.connect("postgres", "postgres") as server:
        server.execute(f"create database {DATABASE}".encode())
    with postgres.connect("postgres", DATABASE) as connection:
        make_tables(connection)
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
