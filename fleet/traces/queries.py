"""The statements of the trace store, by name."""

from pathlib import Path

from fleet.sql import load

SQL = load(Path(__file__).with_name("queries.sql"))
