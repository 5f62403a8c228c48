"""Sealing moves every row once, keeps every spike, and survives being killed or doubled."""

import threading
from collections.abc import Sequence

import numpy as np
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.traces import chunks, planes, pyramid, seal
from fleet.traces.planes import Ints
from fleet.traces.reading import Span, read_rows
from fleet.traces.seal import seal_trial
from fleet.traces.tail import seq_range
from tests.fleet.traces.farm import Farm, rows_of

MANY = 20_000


def fill(farm: Farm, rows: int, sizes: Sequence[int] = (997,)) -> None:
    """Store rows in blocks of the given sizes, again and again."""
    at = k = 0
    while at < rows:
        at = farm.put(at, min(sizes[k % len(sizes)], rows - at)).next_row
        k += 1


def test_sealed_rows_are_the_rows_that_were_stored(farm: Farm) -> None:
    fill(farm, MANY)
    before = read_rows(farm.connection, farm.trial, 0, [1, 2, 3])
    assert seal_trial(farm.connection, farm.trial) == MANY
    after = read_rows(farm.connection, farm.trial, 0, [1, 2, 3])
    clock, raw, valid = rows_of(0, MANY)
    for rows in (before, after):
        assert np.array_equal(rows.clock, clock)
        assert np.array_equal(rows.valid, valid)
        assert np.array_equal(rows.values[valid], raw[valid])
    assert farm.count("trace_live") == 0


def test_window_of_a_half_sealed_trial_has_no_seam(
    farm: Farm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seal, "SLICE", chunks.ROWS)
    fill(farm, MANY)
    sealer = seal._Sealer(farm.connection, farm.trial, 0)
    sealer.seal_slice()
    clock, raw, _ = rows_of(0, MANY)
    for start, end in ((8_000, 8_500), (0, 100), (15_000, MANY - 1), (8_191, 8_192)):
        span = Span(int(clock[start]), int(clock[end]))
        rows = read_rows(farm.connection, farm.trial, 0, [2], span)
        assert np.array_equal(rows.clock, clock[start : end + 1])
        assert np.array_equal(rows.values[0], raw[1, start : end + 1])


def test_levels_hold_the_extremes_of_their_rows_and_the_last_short_bucket(
    farm: Farm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seal, "SLICE", chunks.ROWS)
    monkeypatch.setattr(seal, "SEGMENT", 12 * pyramid.FACTOR)
    monkeypatch.setattr(seal, "FEWEST", 20)
    fill(farm, MANY)
    seal_trial(farm.connection, farm.trial)
    clock, raw, valid = rows_of(0, MANY)
    for level in (1, 2):
        size = pyramid.rows_per_bucket(level)
        found = farm.connection.execute(
            "select ch, data from trace_level where lvl = %s and ch <= 1 order by ch, seg",
            (level,),
        )
        buckets = pyramid.decode(found)
        starts = range(0, MANY, size)
        assert buckets.clock.tolist() == [clock[i] for i in starts]
        held = [raw[0, i : i + size][valid[0, i : i + size]] for i in starts]
        assert buckets.low[0].tolist() == [part.min() for part in held]
        assert buckets.high[0].tolist() == [part.max() for part in held]
    assert buckets.high.max() > 100_000  # the spike of row 5,000


def test_bucket_of_nulls_alone_is_null() -> None:
    clock = np.arange(128, dtype=np.int64)
    valid = clock[None, :] >= 64
    buckets = pyramid.merge(pyramid.rows(clock, clock[None, :] + 5, valid), 64)
    again = pyramid.decode(pyramid.encode(buckets))
    assert again.valid.tolist() == [[False, True]]
    assert (again.low[0, 1], again.high[0, 1]) == (69, 132)


@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=300), st.integers(1, 70))
def test_merging_keeps_the_extremes_wherever_they_are(values: list[int], size: int) -> None:
    array: Ints = np.array([values], dtype=np.int64)
    clock = np.arange(len(values), dtype=np.int64)
    merged = pyramid.merge(pyramid.rows(clock, array, np.ones_like(array, dtype=np.bool_)), size)
    assert merged.low.min() == min(values)
    assert merged.high.max() == max(values)
    assert merged.count == -(-len(values) // size)


def test_sealing_twice_changes_nothing(farm: Farm) -> None:
    fill(farm, MANY)
    seal_trial(farm.connection, farm.trial)
    counts = [farm.count(table) for table in ("trace_chunk", "trace_level")]
    assert seal_trial(farm.connection, farm.trial) == 0
    assert [farm.count(table) for table in ("trace_chunk", "trace_level")] == counts


def test_two_sealers_at_once_share_the_work(
    farm: Farm, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seal, "SLICE", chunks.ROWS)
    fill(farm, MANY)
    sealed: list[int] = []

    def work() -> None:
        with psycopg.connect(database, autocommit=True) as own:
            sealed.append(seal_trial(own, farm.trial))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(sealed) == MANY
    assert read_rows(farm.connection, farm.trial, 0, [1]).count == MANY


@pytest.mark.parametrize("statement", ["add_chunks", "put_segment", "move_on", "drop_blocks"])
def test_sealer_killed_anywhere_leaves_all_rows_and_the_next_one_finishes(
    farm: Farm, database: str, statement: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(farm, MANY)
    with psycopg.connect(database, autocommit=True) as doomed, monkeypatch.context() as patch:
        deadly = "select pg_terminate_backend(pg_backend_pid()) /* %(trial)s */"
        patch.setitem(seal._SQL, statement, deadly)
        with pytest.raises(psycopg.Error):
            seal_trial(doomed, farm.trial)
    assert farm.count("trace_chunk") == 0
    assert read_rows(farm.connection, farm.trial, 0, [1]).count == MANY
    assert seal_trial(farm.connection, farm.trial) == MANY


def test_hole_in_the_rows_is_refused_and_not_sealed_over(farm: Farm) -> None:
    farm.put(0, 10)
    farm.put(12, 10)
    with pytest.raises(ValueError, match="rows 10 to 12"):
        seal_trial(farm.connection, farm.trial)
    assert farm.count("trace_live") == 2


def test_overlapping_blocks_of_two_writers_are_sealed_once(farm: Farm) -> None:
    farm.put(0, 10)
    farm.put(5, 10)
    assert seal_trial(farm.connection, farm.trial) == 15
    rows = read_rows(farm.connection, farm.trial, 0, [2])
    assert np.array_equal(rows.values[0], rows_of(0, 15)[1][1])


def test_stream_cannot_be_replayed_from_before_the_seal(farm: Farm) -> None:
    fill(farm, 3_000)
    last, first = seq_range(farm.connection, farm.run)
    assert first == 1
    seal_trial(farm.connection, farm.trial)
    assert seq_range(farm.connection, farm.run) == (last, last + 1)


def test_plain_sql_reads_the_same_values(farm: Farm) -> None:
    fill(farm, 10_000)
    seal_trial(farm.connection, farm.trial)
    clock, raw, valid = rows_of(0, 10_000)
    for ch in (1, 2, 3):
        seen = farm.connection.execute(
            "select i, t, v from trace_sample where trial_id = %s and ch = %s order by i",
            (farm.trial, ch),
        ).fetchall()
        wanted = planes.or_none(raw[ch - 1], valid[ch - 1])
        assert seen == list(zip(range(10_000), clock.tolist(), wanted, strict=True))


def test_sql_window_is_the_same_rows_as_ours(farm: Farm) -> None:
    fill(farm, 10_000)
    seal_trial(farm.connection, farm.trial)
    start, end = 81_000_000, 83_000_000
    seen = farm.connection.execute(
        "select t, v from trace_window(%s, 0::smallint, 2::smallint, %s, %s) order by t",
        (farm.trial, start, end),
    ).fetchall()
    ours = read_rows(farm.connection, farm.trial, 0, [2], Span(start, end))
    assert ours.count > 100
    assert seen == list(zip(ours.clock.tolist(), ours.values[0].tolist(), strict=True))


@pytest.mark.parametrize(
    ("chunk", "values"),
    [
        ("02000000050000000000000000202616264e4e4e4e", [0, 10000, 20003, 29998, 40001]),
        ("0100000005000000000000a21c3c3bc700", [41500, 41530, 41500, 41400, 41400]),
        ("81000000050000000000000007000000001b", [7, 7, None, 7, 7]),
    ],
)
def test_sql_unpacks_the_reference_chunks(farm: Farm, chunk: str, values: list[int | None]) -> None:
    row = farm.connection.execute("select trace_unpack(%b)", (bytes.fromhex(chunk),)).fetchone()
    assert row == (values,)


def test_sql_unpacks_what_python_packs(farm: Farm) -> None:
    """Random chunks of every width, with and without nulls."""
    random = np.random.default_rng(15)
    for bits in (3, 7, 12, 15, 28, 33, 48):
        values = random.integers(-(1 << bits), 1 << bits, 500, dtype=np.int64)
        valid = random.random(500) < random.choice([0.0, 0.5, 1.0])
        row = farm.connection.execute(
            "select trace_unpack(%b)", (chunks.encode(values, valid),)
        ).fetchone()
        assert row == (planes.or_none(values, valid),)


def test_summaries_answer_for_all_rows(farm: Farm) -> None:
    fill(farm, 10_000)
    seal_trial(farm.connection, farm.trial)
    row = farm.connection.execute(
        "select sum(nv), min(vmin), max(vmax), sum(vsum), min(t0), max(t1)"
        " from trace_chunk where ch = 1"
    ).fetchone()
    clock, raw, valid = rows_of(0, 10_000)
    held = raw[0][valid[0]]
    wanted = (held.size, held.min(), held.max(), held.sum(), clock[0], clock[-1])
    assert row == tuple(int(number) for number in wanted)
