"""Sealing a run of 10 million samples, and its first plot, beside a warm read of its raw bytes."""

import json
import struct
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from psycopg import Connection

from fleet.traces import blocks
from fleet.traces.reading import read_rows
from fleet.traces.records import TEXT, read_records
from fleet.traces.seal import seal_trial
from tests.performance.database import database, disk_bytes, start_runs
from tests.performance.figures import Figure, median
from tests.performance.reference_data import CHANNELS, HZ, Ticks, ticks

ROWS = 333_334
SAMPLES = ROWS * CHANNELS
POINTS = 2_000
ROUNDS = 9


def measure() -> Iterator[Figure]:
    """Yield the figures of sealing and reading."""
    run = ticks(ROWS)
    with database() as connection, tempfile.TemporaryDirectory() as folder:
        trial = _store(connection, run)
        yield _seal(connection, trial)
        yield from _sealed_sizes(connection)
        _compare(connection, trial, run)
        raw = Path(folder, "raw")
        run.raw.tofile(raw)
        yield _first_plot(connection, raw)


def _store(connection: Connection[Any], run: Ticks) -> int:
    ((trial, store),) = start_runs(connection, 1)
    valid = np.ones((CHANNELS, HZ), dtype=np.bool_)
    for i0 in range(0, ROWS, HZ):
        part = slice(i0, i0 + HZ)
        raw = run.raw[:, part]
        store.insert_block(trial, 0, i0, run.clock[part], raw, valid[:, : raw.shape[1]])
    return trial


def _seal(connection: Connection[Any], trial: int) -> Figure:
    started = time.perf_counter()
    assert seal_trial(connection, trial) == ROWS
    took_s = time.perf_counter() - started
    connection.execute("update trace_group set rows_total = %s", (ROWS,))  # as its phone declared
    capture_s = ROWS / HZ
    beside = f"{capture_s / 60:.0f} min to capture"
    return Figure("seal 10 M samples", f"{took_s:.2f} s", beside, took_s, "s", 1.0)


def _sealed_sizes(connection: Connection[Any]) -> Iterator[Figure]:
    beside = f"{8 * (CHANNELS + 1) / CHANNELS:.1f} B raw"
    for name, relation, target in (
        ("disk, sealed chunks, readable in SQL", "trace_chunk", 1.2),
        ("disk, pyramid", "trace_level", None),
    ):
        size = disk_bytes(connection, relation) / SAMPLES
        yield Figure(name, f"{size:.3f} B", beside, size, "B/sample", target)


def _compare(connection: Connection[Any], trial: int, run: Ticks) -> None:
    """Every sealed value is the one that was captured."""
    rows = read_rows(connection, trial, 0, range(1, CHANNELS + 1))
    assert rows.valid.all()
    assert np.array_equal(rows.clock, run.clock)
    assert np.array_equal(rows.values, run.raw)


def _first_plot(connection: Connection[Any], raw: Path) -> Figure:
    """What a page asks for first, decoded, and a read of the file, in turn; the first warms up."""
    pairs = [
        (_took_ms(lambda: _plot(connection)), _took_ms(lambda: np.fromfile(raw, np.int64)))
        for _ in range(1 + ROUNDS)
    ][1:]
    ours, baseline = (median([pair[k] for pair in pairs]) for k in (0, 1))
    return Figure(
        f"first plot of {CHANNELS} channels, 10 M samples",
        f"{ours:.1f} ms",
        f"{baseline:.1f} ms raw read",
        ours / baseline,
        "×",
        0.5,
        rounds=tuple(pair[0] / pair[1] for pair in pairs),
    )


def _plot(connection: Connection[Any]) -> None:
    """Ask for the page's records and decode them as its script does."""
    data = b"".join(read_records(connection, 1, {"device_kind": "virtual"}, None, POINTS))
    at, points = 0, []
    while at < len(data):
        _, level, _, _, length = struct.unpack_from("<HBBII", data, at)
        body = data[at + 12 : at + 12 + length]
        if level == TEXT:
            json.loads(body)
        else:
            points.append(blocks.decode(body)[0].size)
        at += 12 + length
    assert len(points) == 1 + CHANNELS  # their clock, and smallest and largest of each
    assert min(points[1:]) >= POINTS


def _took_ms(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000
