"""Ingest: durable commits of one phone-second each, ours and rows in turn."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from psycopg import Connection

from fleet.traces import blocks
from tests.performance import rows
from tests.performance.database import Cost, database, disk_bytes, measured, start_runs
from tests.performance.figures import Figure, median
from tests.performance.reference_data import CHANNELS, HZ, Ticks, ticks

PHONES = 10
ROUNDS = 5
ROW_SECONDS = 200
BLOCK_SECONDS = 1_500


class Phones:
    """The ticks of ten phones, cut into batches, served in turn."""

    def __init__(self, seconds: int, hz: int, batch_rows: int) -> None:
        self._all = [ticks(-(-seconds // PHONES) * hz, seed, hz) for seed in range(PHONES)]
        self.batch_rows = batch_rows
        self.batches = seconds * hz // batch_rows
        self.samples = self.batches * batch_rows * CHANNELS

    def __iter__(self) -> Iterator[tuple[int, int, Ticks]]:
        """Yield (phone, first row, ticks)."""
        for number in range(self.batches):
            phone, i0 = number % PHONES, number // PHONES * self.batch_rows
            part = slice(i0, i0 + self.batch_rows)
            yield phone, i0, Ticks(self._all[phone].clock[part], self._all[phone].raw[:, part])


def measure() -> Iterator[Figure]:
    """Yield the figures of ingest."""
    with database() as connection:
        yield from _against_rows(connection)
        yield from _sizes(connection)


def _against_rows(connection: Connection[Any]) -> Iterator[Figure]:
    """Rows, 1 s blocks and 0.2 s blocks in turn; the first round warms up."""
    of_rows = Phones(ROW_SECONDS, HZ, HZ)
    seconds = Phones(BLOCK_SECONDS, HZ, HZ)
    fifths = Phones(BLOCK_SECONDS // 5, HZ, HZ // 5)
    rates: list[tuple[float, float, float]] = []
    for _ in range(1 + ROUNDS):
        by_rows = of_rows.samples / _insert_rows(connection, of_rows).cpu_s
        by_fifths = fifths.samples / _insert_blocks(connection, fifths).cpu_s
        by_seconds = seconds.samples / _insert_blocks(connection, seconds).cpu_s
        rates.append((by_rows, by_seconds, by_fifths))
    _compare_once(connection, seconds)
    connection.execute("drop table sample")  # its autovacuum would write into our WAL figures
    kept = rates[1:]
    yield _ratio("ingest per core, 1 s blocks", [(r[1], r[0]) for r in kept], 15.0)
    yield _ratio("ingest per core, 0.2 s blocks (watched)", [(r[2], r[0]) for r in kept], 4.0)


def _insert_rows(connection: Connection[Any], phones: Phones) -> Cost:
    rows.make_table(connection)
    with measured(connection) as cost:
        for phone, _, batch in phones:
            rows.insert(connection, phone, batch)
    return cost


def _insert_blocks(connection: Connection[Any], phones: Phones) -> Cost:
    runs = start_runs(connection, PHONES)
    valid = np.ones((CHANNELS, phones.batch_rows), dtype=np.bool_)
    with measured(connection) as cost:
        for phone, i0, batch in phones:
            trial, store = runs[phone]
            store.insert_block(trial, 0, i0, batch.clock, batch.raw, valid)
    return cost


def _compare_once(connection: Connection[Any], phones: Phones) -> None:
    """Read every block back and compare it with what went in."""
    for phone, i0, batch in phones:
        found = connection.execute(
            "select data from trace_live where trial_id = %s and i0 = %s", (phone + 1, i0)
        ).fetchone()
        assert found is not None
        values, valid = blocks.decode(found[0])
        assert valid.all()
        assert np.array_equal(values[0], batch.clock)
        assert np.array_equal(values[1:], batch.raw)


def _sizes(connection: Connection[Any]) -> Iterator[Figure]:
    """Bytes of WAL and of disk per sample, for the block periods that occur."""
    for name, hz, rows_per_block, target in (
        ("100 Hz, 1 s blocks", 100, 100, 1.4),
        ("10 Hz, 1 s blocks", 10, 10, None),
        ("100 Hz, 0.2 s blocks (watched)", 100, 20, None),
        ("10 Hz, 0.2 s blocks (watched)", 10, 2, None),
    ):
        phones = Phones(BLOCK_SECONDS, hz, rows_per_block)
        wal = _insert_blocks(connection, phones).wal_bytes / phones.samples
        disk = disk_bytes(connection, "trace_live") / phones.samples
        beside = f"{8 * (CHANNELS + 1) / CHANNELS:.1f} B raw"
        yield Figure(f"WAL, {name}", f"{wal:.2f} B", beside, wal, "B/sample", target)
        yield Figure(f"disk, {name}", f"{disk:.2f} B", beside, disk, "B/sample", target)


def _ratio(name: str, pairs: list[tuple[float, float]], target: float) -> Figure:
    ours, baseline = (median([pair[k] for pair in pairs]) for k in (0, 1))
    return Figure(
        name,
        f"{ours / 1e6:.1f} M samples/s",
        f"{baseline / 1e6:.2f} M rows/s",
        ours / baseline,
        "×",
        target,
        is_floor=True,
        rounds=tuple(pair[0] / pair[1] for pair in pairs),
    )
