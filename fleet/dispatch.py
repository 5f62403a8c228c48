"""One turn of the dispatcher: match, acquire, ring the doorbell, reap, sweep."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone

from fleet import leases
from fleet.doorbell import ring_analysis, ring_worker
from fleet.fitting import facts_of, unfit
from fleet.lifecycle.device import USABLE
from fleet.lifecycle.device import State as DeviceState
from fleet.lifecycle.run import LIVE
from fleet.lifecycle.run import State as RunState
from fleet.models import Device, Event, Run
from fleet.scheduler import Free, Waiting, match

QUEUE_LIMIT = timedelta(hours=24)
#: A host without a worker heartbeat for this long gets no offers.
WORKER_SILENCE = timedelta(seconds=30)
#: An analysis that did not finish in this time is asked for again.
ANALYSIS_PATIENCE = timedelta(seconds=60)


def hand_out() -> int:
    """Give free phones to waiting runs; return how many were leased."""
    free = _free()
    pairs = match(_waiting(free), [Free(one.pk, facts_of(one)) for one in free], _running())
    given = 0
    for run, device in pairs:
        if leases.acquire(run, device):
            given += 1
            host = Device.objects.values_list("host__name", flat=True).get(pk=device)
            ring_worker(run, host)
    return given


def sweep() -> None:
    """Ring again where a doorbell was lost, and end what waited too long."""
    for unheard, host in leases.unheard():
        ring_worker(unheard, host)
    for run in Run.objects.filter(
        state=RunState.ANALYZING,
        events__word=RunState.ANALYZING,
        events__at__lt=timezone.now() - ANALYSIS_PATIENCE,
    ).distinct():
        ring_analysis(run.pk)
    _end_the_forgotten()


def _end_the_forgotten() -> None:
    limit = timezone.now() - QUEUE_LIMIT
    # The last runs of a long experiment wait for the first ones, and are not forgotten.
    moving = Run.objects.filter(
        Q(finished_at__gt=limit) | Q(state__in=LIVE), experiment__isnull=False
    )
    waiting = Run.objects.filter(state=RunState.QUEUED, created_at__lt=limit)
    for run in waiting.exclude(experiment__in=moving.values("experiment")):
        failure = f"infrastructure: no device became free within {QUEUE_LIMIT}"
        moved = Run.objects.filter(pk=run.pk, state=RunState.QUEUED).update(
            state=RunState.FAILED, failure=failure, finished_at=timezone.now()
        )
        if moved:
            Event.objects.create(run=run, word="failed", actor="dispatcher", reason=failure)


def _waiting(free: Sequence[Device]) -> list[Waiting]:
    rows = list(
        Run.objects.filter(state=RunState.QUEUED, cancel_requested_at=None)
        .exclude(not_before__gt=timezone.now())
        .order_by("id")
    )
    lacking = unfit(rows, free)
    return [
        Waiting(
            run.pk,
            run.priority,
            run.created_by_id,
            run.wanted_id,
            run.selector,
            lacking.get(run.pk, frozenset()),
        )
        for run in rows
    ]


def _free() -> list[Device]:
    rows = Device.objects.filter(
        state=DeviceState.IDLE,
        connection="device",
        health__in=USABLE,
        holder=None,
        host__worker_at__gt=timezone.now() - WORKER_SILENCE,
    ).select_related("host")
    return list(rows)


def _running() -> Counter[int | None]:
    rows = Run.objects.filter(state__in=LIVE).values("created_by").annotate(n=Count("id"))
    return Counter({row["created_by"]: row["n"] for row in rows})
