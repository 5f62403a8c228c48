"""What the store accepts, refuses, and gives back."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import psycopg
import pytest

from devices.channels import Channel, Unit
from devices.samples import Group
from fleet.lifecycle.run import LeaseLost
from fleet.traces import blocks
from fleet.traces.layout import trials_of
from fleet.traces.store import TraceStore
from fleet.traces.stored import Block, StoredEvent
from fleet.traces.tail import last_seq, read_tail, seq_range
from tests.fleet.traces.farm import FAST, FENCE, Farm, rows_of


def test_stored_block_decodes_to_the_rows_that_went_in(farm: Farm) -> None:
    farm.put(0, 200)
    declared, block = read_tail(farm.connection, farm.run, 0)
    assert isinstance(declared, StoredEvent)
    assert isinstance(block, Block)
    values, valid = blocks.decode(block.data)
    clock, raw, ours = rows_of(0, 200)
    assert np.array_equal(values[0], clock)
    assert np.array_equal(valid[1:], ours)
    assert np.array_equal(values[1:][ours], raw[ours])
    assert (block.i0, block.rows, block.t0, block.t1) == (0, 200, clock[0], clock[-1])


def test_blocks_and_events_of_all_trials_share_one_numbering(farm: Farm) -> None:
    other = farm.start_trial(2)
    numbers = [
        farm.put(0, 10).seq,
        farm.store.insert_event(farm.trial, 0, 5, "started", {"ok": True}).seq,
        farm.store.insert_event(other, 0, 6, "started", {}).seq,
        farm.put(10, 10).seq,
    ]
    assert numbers == [2, 3, 4, 5]  # 1 told viewers of the group
    assert [item.seq for item in read_tail(farm.connection, farm.run, 2)] == [3, 4, 5]
    assert [item.seq for item in read_tail(farm.connection, farm.run, 0, limit=2)] == [1, 2]


def test_tail_has_no_hole_while_blocks_and_events_come_in(farm: Farm, database: str) -> None:
    def write() -> None:
        for number in range(300):
            farm.put(number, 1)
            farm.store.insert_event(farm.trial, number, number, "trip", {})

    seen = [0]
    with psycopg.connect(database, autocommit=True) as reader, ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        while not writing.done():
            seen += [item.seq for item in read_tail(reader, farm.run, seen[-1])]
        while rest := read_tail(reader, farm.run, seen[-1]):
            seen += [item.seq for item in rest]
    assert seen == list(range(1 + 1 + 2 * 300))


def test_new_writer_goes_on_after_the_last_number_and_row(farm: Farm) -> None:
    farm.put(0, 10)
    farm.put(10, 7)
    successor = TraceStore(farm.connection, farm.run, FENCE)
    assert successor.next_row(farm.trial, 0) == 17
    assert successor.insert_event(farm.trial, 0, 0, "mark", {}).seq == 4
    assert last_seq(farm.connection, farm.run) == 4


def test_taken_key_gives_the_block_that_is_there(farm: Farm) -> None:
    first = farm.put(0, 10)
    again = farm.put(0, 4)
    assert again == first
    assert again.next_row == 10
    assert farm.count("trace_live") == 1
    assert farm.put(10, 1).seq == first.seq + 1


def test_other_values_under_a_taken_key_are_an_alarm(
    farm: Farm, caplog: pytest.LogCaptureFixture
) -> None:
    farm.put(0, 10)
    clock, raw, valid = rows_of(0, 10)
    farm.store.insert_block(farm.trial, 0, 0, clock, raw, valid)
    assert "block_conflict" not in caplog.text
    farm.store.insert_block(farm.trial, 0, 0, clock, raw + 1, valid)
    assert "block_conflict" in caplog.text


@pytest.mark.parametrize(
    "theft",
    [
        "update fleet_run set fence = 42",
        "update fleet_run set state = 'analyzing'",
        "update fleet_run set state = 'preparing'",  # where only trial 0 may be written
        "update fleet_run set attempt = 2",
    ],
)
def test_writer_whose_run_moved_on_is_refused(farm: Farm, theft: str) -> None:
    farm.put(0, 10)
    farm.connection.execute(theft.encode())
    with pytest.raises(LeaseLost):
        farm.put(10, 10)
    with pytest.raises(LeaseLost):
        farm.store.insert_event(farm.trial, 0, 0, "mark", {})
    assert farm.count("trace_live") == 1
    assert farm.count("trace_event") == 1  # of the declared group


def test_without_the_guard_a_stale_writer_gets_in(farm: Farm) -> None:
    """The control of the test above: the trigger alone keeps a zombie out."""
    farm.connection.execute("update fleet_run set fence = 42")
    farm.connection.execute("alter table trace_live disable trigger trace_live_fence")
    try:
        farm.put(0, 10)
        assert farm.count("trace_live") == 1
    finally:
        farm.connection.execute("alter table trace_live enable trigger trace_live_fence")


def test_settling_is_written_while_the_run_prepares(farm: Farm) -> None:
    settling = farm.start_trial(0)
    farm.connection.execute("update fleet_run set state = 'preparing'")
    farm.store.declare_group(settling, FAST)
    clock, raw, valid = rows_of(0, 5)
    assert farm.store.insert_block(settling, 0, 0, clock, raw, valid).trial == settling


def test_unknown_outcome_of_a_commit_loses_and_doubles_nothing(farm: Farm, database: str) -> None:
    """The connection dies with a block in flight; its successor asks what is stored."""
    doomed = psycopg.connect(database, autocommit=True)
    store = TraceStore(doomed, farm.run, FENCE)
    clock, raw, valid = rows_of(0, 10)
    store.insert_block(farm.trial, 0, 0, clock, raw, valid)
    farm.connection.execute("select pg_terminate_backend(%s)", (doomed.info.backend_pid,))
    with pytest.raises(psycopg.OperationalError):
        store.insert_block(farm.trial, 0, 10, clock, raw, valid)
    successor = TraceStore(farm.connection, farm.run, FENCE)
    assert successor.next_row(farm.trial, 0) == 10
    assert successor.insert_block(farm.trial, 0, 10, clock, raw, valid).next_row == 20
    assert farm.count("trace_live") == 2


def test_writer_survives_that_its_statements_are_forgotten(farm: Farm) -> None:
    """psycopg deallocates every prepared statement after a rollback."""
    farm.put(0, 10)
    farm.connection.execute("deallocate all")
    assert farm.put(10, 10).next_row == 20


def test_event_sent_twice_is_stored_once(farm: Farm) -> None:
    first = farm.store.insert_event(farm.trial, 4, 10, "trip", {"zone": "skin", "c": 43.0})
    again = farm.store.insert_event(farm.trial, 4, 10, "trip", {"zone": "skin", "c": 43.0})
    assert again == first
    assert farm.count("trace_event") == 1 + 1


def test_event_with_text_that_postgres_refuses_is_stored_all_the_same(farm: Farm) -> None:
    farm.store.insert_event(farm.trial, 0, 10, "error", {"text": "a\0b\ud800c", "back": "\\u0000"})
    stored = read_tail(farm.connection, farm.run, 1)[0]
    assert isinstance(stored, StoredEvent)
    assert stored.data["text"] == "a\ufffdb?c"


def test_remarks_of_the_host_never_collide(farm: Farm) -> None:
    for _ in range(3):
        farm.store.insert_event(farm.trial, -1, 10, "baseline", {})
    assert farm.count("trace_event") == 1 + 3


def test_value_too_large_to_store_becomes_a_null_with_a_flag(farm: Farm) -> None:
    clock, raw, valid = rows_of(0, 10)
    raw[1, 4] = 1 << 60
    block = farm.store.insert_block(farm.trial, 0, 0, clock, raw, valid)
    stored = blocks.decode(block.data)[1]
    assert not stored[2, 4]
    assert stored[2].sum() == 9
    (trial,) = trials_of(farm.connection, farm.run)
    assert [c.quality for c in trial.groups[0].channels] == ["ok", "out_of_range", "ok"]


def test_declared_group_is_described_to_readers(farm: Farm) -> None:
    told = farm.store.declare_group(farm.trial, FAST)
    (trial,) = trials_of(farm.connection, farm.run)
    (group,) = trial.as_json()["groups"]
    assert (group["name"], group["period_us"]) == ("fast", 10_000)
    assert group["channels"][0] == {
        "ch": 1,
        "name": "zone.skin.temperature",
        "unit": "°C",
        "exp": -3,
        "kind": "gauge",
    }
    assert (told.kind, told.data) == ("trial", trial.as_json())


def test_readers_see_the_newest_attempt_only(farm: Farm) -> None:
    farm.put(0, 10)
    farm.connection.execute("update fleet_run set attempt = 2")
    second = farm.start_trial(1, attempt=2)
    single = Group(second, 0, "slow", 1_000_000, (Channel("battery.level", Unit.ONE, -2),))
    farm.store.declare_group(second, single)
    clock, raw, valid = rows_of(0, 3)
    farm.store.insert_block(second, 0, 0, clock, raw[:1], valid[:1])
    assert [trial.id for trial in trials_of(farm.connection, farm.run)] == [second]
    assert [item.trial for item in read_tail(farm.connection, farm.run, 0)] == [second, second]
    assert seq_range(farm.connection, farm.run) == (4, 1)
