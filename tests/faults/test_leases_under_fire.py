"""Many dispatchers and workers that pause, crash and lie: each run still ends once, rows exact.

The holders' misbehavior is drawn from a seed. Two controls must turn red: without the guard
trigger zombies get their blocks stored, and without completeness short runs pass as whole.
"""

import queue
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
import pytest
from django.contrib.auth import get_user_model
from django.db import DatabaseError, connection

from devices.channels import Channel, Unit
from devices.clock import HOST
from devices.samples import Group
from fleet import leases
from fleet.leases import Lease
from fleet.lifecycle.run import Ending, LeaseLost, State
from fleet.models import Device, Event, Host, Run
from fleet.traces.store import TraceStore

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(120)]

TTL = timedelta(milliseconds=400)
DEVICES, RUNS, WORKERS = 6, 60, 8
ROWS_PER_BLOCK = 5


@dataclass
class Farm:
    """What the threads share."""

    seed: int
    doorbells: "queue.Queue[int]" = field(default_factory=queue.Queue)
    over: threading.Event = field(default_factory=threading.Event)
    refused: int = 0
    zombie_blocks: list[tuple[int, int]] = field(default_factory=list)  # (trial, i0)
    errors: list[str] = field(default_factory=list)


def value_of(run: int, attempt: int, row: int) -> int:
    """Return the one right value of a row, so that a foreign block shows."""
    return run * 1_000_000 + attempt * 10_000 + row


def total_rows(run: int) -> int:
    """Return how many rows the phone of this run records."""
    return ROWS_PER_BLOCK * (3 + run % 5)


def stand_up() -> None:
    """Make the devices and the queue."""
    user = get_user_model().objects.create_user("ci")
    host = Host.objects.create(name="lab")
    for number in range(DEVICES):
        Device.objects.create(
            host=host, serial=f"phone-{number}", connection="device", health="good", state="idle"
        )
    with connection.cursor() as cursor:
        cursor.execute("update fleet_device set responsive_at = clock_timestamp()")
    for _ in range(RUNS):
        Run.objects.create(benchmark="thermal_soak", spec_json={}, created_by=user, max_attempts=50)


def dispatch(farm: Farm, seed: int) -> None:
    """Offer free devices to waiting runs and reap, with a doorbell that fails people."""
    chance = random.Random(seed)
    while not farm.over.is_set():
        free = list(Device.objects.filter(state="idle", holder=None).values_list("pk", flat=True))
        waiting = list(Run.objects.filter(state="queued").values_list("pk", flat=True))
        chance.shuffle(free)
        for run, device in zip(waiting, free, strict=False):
            if leases.acquire(run, device, TTL):
                for _ in range(chance.choices([0, 1, 2], [1, 7, 2])[0]):
                    farm.doorbells.put(run)
        leases.reap()
        Device.objects.filter(state="probing").update(state="idle")
        Run.objects.filter(state="queued").update(not_before=None)
        if not Run.objects.filter(state__in=("queued", "leased", *LIVE)).exists():
            farm.over.set()
        HOST.wait(0.01)


LIVE = ("preparing", "measuring", "restoring")


def work(farm: Farm, me: str, seed: int) -> None:
    """Answer doorbells until the farm is over."""
    chance = random.Random(seed)
    while not farm.over.is_set():
        try:
            run = farm.doorbells.get(timeout=0.05)
        except queue.Empty:
            continue
        lease = leases.adopt(run, me, TTL)
        if lease is None:
            continue
        try:
            carry_out(farm, lease, chance)
        except LeaseLost:
            farm.refused += 1


def carry_out(farm: Farm, lease: Lease, chance: random.Random) -> None:
    """Be a holder: mostly good, sometimes slow, sometimes dead, sometimes a zombie."""
    mood = chance.choices(["good", "crash", "pause", "error"], [70, 10, 12, 8])[0]
    lease.advance(State.PREPARING)
    record(farm, lease, 0, ROWS_PER_BLOCK, "good", chance)
    lease.advance(State.MEASURING)
    if mood == "crash":
        record(farm, lease, 1, ROWS_PER_BLOCK, "crash", chance)
        return
    record(farm, lease, 1, total_rows(lease.run), mood, chance)
    ending = Ending("retry", "infrastructure: drawn") if mood == "error" else Ending("measured")
    lease.advance(State.RESTORING, ending)
    lease.release("idle")


def record(
    farm: Farm, lease: Lease, number: int, rows: int, mood: str, chance: random.Random
) -> None:
    """Store the rows of one trial in blocks; a paused holder keeps writing afterwards."""
    trial = lease.start_trial(number)
    store = TraceStore(connection.connection, lease.run, lease.fence)
    store.declare_group(trial, Group(trial, 0, "fast", 1000, (Channel("a", Unit.ONE, 0),)))
    done = 0
    while done < rows:
        if mood == "pause" and done:
            mood = "zombie"
            HOST.wait(TTL.total_seconds() * 1.5)
        size = min(chance.randint(1, ROWS_PER_BLOCK), rows - done)
        block = store.insert_block(trial, 0, done, *block_of(lease, done, size))
        if mood == "zombie":
            farm.zombie_blocks.append((trial, block.i0))
        done = block.next_row
    if mood == "crash":
        return
    lease.finish_trial(trial, {0: rows})


def block_of(lease: Lease, row: int, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return clock, values and validity of `size` rows from `row` on."""
    rows = np.arange(row, row + size, dtype=np.int64)
    values = np.array([[value_of(lease.run, lease.attempt, int(i)) for i in rows]], dtype=np.int64)
    return rows * 1000, values, np.ones((1, size), dtype=np.bool_)


@contextmanager
def threads(farm: Farm) -> Iterator[None]:
    """Run dispatchers and workers, each with a connection of its own."""

    def own_connection(body: object, *args: object) -> None:
        try:
            connection.ensure_connection()
            body(farm, *args)  # type: ignore[operator]
        except (DatabaseError, AssertionError) as error:
            farm.errors.append(repr(error))
            farm.over.set()
        finally:
            connection.close()

    jobs: list[tuple[object, ...]] = [(dispatch, farm.seed + 1), (dispatch, farm.seed + 2)]
    jobs += [(work, f"worker-{n}", farm.seed + 10 + n) for n in range(WORKERS)]
    running = [threading.Thread(target=own_connection, args=job) for job in jobs]
    for thread in running:
        thread.start()
    try:
        yield
    finally:
        for thread in running:
            thread.join()


@pytest.mark.parametrize("seed", [11, 23])
def test_each_run_ends_once_with_exactly_its_rows(seed: int) -> None:
    farm = Farm(seed)
    stand_up()
    with threads(farm):
        farm.over.wait(60)
        farm.over.set()
    assert farm.errors == []
    assert Run.objects.exclude(state="analyzing").count() == 0
    assert Event.objects.filter(word="analyzing").count() == RUNS
    assert farm.refused > 0, "no holder was ever refused: the test is blind"
    for run in Run.objects.all():
        assert stored_rows(run) == total_rows(run.pk)
    assert Device.objects.exclude(holder=None).count() == 0


def test_a_zombie_cannot_store_a_block() -> None:
    lease, trial, store = held_trial()
    expire(lease)
    leases.reap()
    with pytest.raises(LeaseLost):
        store.insert_block(trial, 0, 0, *block_of(lease, 0, 3))
    assert stored_blocks(trial) == 0


def test_without_the_guard_the_zombie_writes() -> None:
    lease, trial, store = held_trial()
    with connection.cursor() as cursor:
        cursor.execute("alter table trace_live disable trigger trace_live_fence")
    try:
        expire(lease)
        leases.reap()
        store.insert_block(trial, 0, 0, *block_of(lease, 0, 3))
        assert stored_blocks(trial) == 1
    finally:
        with connection.cursor() as cursor:
            cursor.execute("alter table trace_live enable trigger trace_live_fence")


def test_a_run_with_a_missing_row_is_queued_again_instead_of_analyzed() -> None:
    lease, trial, store = held_trial()
    store.insert_block(trial, 0, 0, *block_of(lease, 0, 3))
    lease.finish_trial(trial, {0: 4})
    lease.advance(State.RESTORING, Ending("measured"))
    assert lease.release("idle") == State.QUEUED


def test_the_same_run_with_every_row_goes_to_analysis() -> None:
    lease, trial, store = held_trial()
    store.insert_block(trial, 0, 0, *block_of(lease, 0, 4))
    lease.finish_trial(trial, {0: 4})
    lease.advance(State.RESTORING, Ending("measured"))
    assert lease.release("idle") == State.ANALYZING


def test_a_doubled_doorbell_goes_home() -> None:
    stand_up()
    run, device = Run.objects.earliest("id"), Device.objects.earliest("id")
    assert leases.acquire(run.pk, device.pk)
    assert leases.adopt(run.pk, "first") is not None
    assert leases.adopt(run.pk, "second") is None


def test_two_runs_cannot_hold_one_phone() -> None:
    stand_up()
    device = Device.objects.earliest("id")
    first, second = Run.objects.order_by("id")[:2]
    assert leases.acquire(first.pk, device.pk)
    assert not leases.acquire(second.pk, device.pk)
    second.refresh_from_db()
    assert second.state == State.QUEUED


def test_cancelling_a_queued_run_ends_it_and_a_second_time_is_too_late() -> None:
    stand_up()
    run = Run.objects.earliest("id")
    assert leases.cancel(run.pk, "me") == "cancelled"
    assert leases.cancel(run.pk, "me") is None


def held_trial() -> tuple[Lease, int, TraceStore]:
    """Return a lease that measures, its trial and its store."""
    stand_up()
    run, device = Run.objects.earliest("id"), Device.objects.earliest("id")
    assert leases.acquire(run.pk, device.pk)
    lease = leases.adopt(run.pk, "holder")
    assert lease is not None
    lease.advance(State.PREPARING)
    lease.advance(State.MEASURING)
    trial = lease.start_trial(1)
    store = TraceStore(connection.connection, lease.run, lease.fence)
    store.declare_group(trial, Group(trial, 0, "fast", 1000, (Channel("a", Unit.ONE, 0),)))
    return lease, trial, store


def expire(lease: Lease) -> None:
    """Put the end of a lease into the past."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update fleet_device set until = clock_timestamp() - interval '1 s' where id = %s",
            [lease.device],
        )


def stored_rows(run: Run) -> int:
    """Return the rows of the measured trial of the last attempt; every value must be its own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(sum(n), 0) from trace_live join fleet_trial t on t.id = trial_id"
            " where t.run_id = %s and t.attempt = %s and t.number = 1",
            [run.pk, run.attempt],
        )
        return int(cursor.fetchone()[0])


def stored_blocks(trial: int) -> int:
    """Return how many blocks of a trial are stored."""
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from trace_live where trial_id = %s", [trial])
        return int(cursor.fetchone()[0])
