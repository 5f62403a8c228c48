"""The story of a run, in the order it happens."""

import logging
import os
import socket
import threading
from collections.abc import Iterable
from typing import Any

from django.db import connection

from benchmarks.preparation import prepare, restore
from benchmarks.specs import RunSpec
from benchmarks.trial import Tick, perform
from devices.agent.link import AgentLink
from devices.phone import Phone, connect
from devices.probe import probe
from devices.profile import DeviceProfile
from devices.samples import Item
from fleet import leases
from fleet.doorbell import ring_analysis
from fleet.leases import Lease
from fleet.lifecycle.device import State as DeviceState
from fleet.lifecycle.run import (
    Ending,
    LeaseLost,
    State,
    WorkerStopping,
    ending_of,
)
from fleet.models import Run
from fleet.patience import Patience
from fleet.recording import Recorder
from fleet.stopping import STOPPING

log = logging.getLogger(__name__)

#: One installation, so that two farms sharing a phone by mistake notice each other.
DEPLOYMENT = "simmer"
PREPARE_LIMIT_S = 30 * 60.0  # [s of device time]


def execute(run_id: int) -> None:
    """Carry one leased run from the phone it finds to the phone it leaves."""
    me = f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"
    lease = leases.adopt(run_id, me)
    if lease is None:
        log.info("run %s has a holder already, or none any more", run_id)
        return
    run = Run.objects.select_related("device").get(pk=run_id)
    try:
        _hold(run, lease)
    except LeaseLost as lost:
        log.warning("left run %s: %s", run_id, lost)
    finally:
        connection.close()


def _hold(run: Run, lease: Lease) -> None:
    assert run.device is not None  # a leased run has one
    ending = Ending("measured")
    lease.advance(State.PREPARING)
    try:
        phone = connect(run.device.serial)
        _carry_out(run, lease, phone)
    except LeaseLost:
        raise
    except Exception as error:
        ending = ending_of(error)
        if ending.failure and ending.failure.startswith("bug"):
            log.exception("run %s", run.pk)
    lease.advance(State.RESTORING, ending)
    next_state, why = _leave(run, lease)
    state = lease.release(next_state, why)
    log.info("run %s is %s: %s", run.pk, state, ending.failure or "measured")
    if state == State.ANALYZING:
        ring_analysis(run.pk)


def _carry_out(run: Run, lease: Lease, phone: Phone) -> None:
    """Prepare and measure; leaving the link stops the load, whatever happened."""
    profile = probe(phone)
    lease.note(device_json=profile.model_dump(mode="json"))
    spec = run.spec
    with AgentLink.start(
        phone, deployment=DEPLOYMENT, fence=lease.fence, sets_knobs=spec.sets_knobs
    ) as link:
        lease.note(
            provenance={
                "agent": {"build": link.hello.build, "sha256": link.hello.sha256},
                "runtime": link.hello.ncnn,
                "speed": profile.speed,
                "clock_rate": round(link.rate, 4),
                "seed": spec.seed,
            }
        )
        with Recorder(run, lease, link) as recorder:
            lease.note(provenance={"clock": recorder.clock})
            settling = lease.start_trial(0)
            recorder.begin(settling, "settling")
            findings: dict[str, Any] = {}
            settle = prepare(link, phone, profile, spec, trial=settling, findings=findings)
            _record(settle, recorder, lease, link, _settling_limit_s(spec))
            recorder.end(settling)

            lease.advance(State.MEASURING)
            measured = lease.start_trial(1)
            recorder.begin(measured, "soak", spec.planned_s)
            load = perform(link, phone, profile, spec, trial=measured, findings=findings)
            _record(load, recorder, lease, link, spec.longest_s)
            recorder.end(measured)


def _settling_limit_s(spec: RunSpec) -> float:
    """Return how long preparing may take [s of device time]."""
    # Hundreds of pairs of clocks are asked for one by one: a fast phone waits for this machine.
    return PREPARE_LIMIT_S * (6 if spec.policy.rehearses_all else 2)


def _record(
    items: Iterable[Item | Tick], recorder: Recorder, lease: Lease, link: AgentLink, limit_s: float
) -> None:
    """Record what a phase yields, keeping lease and agent alive on the way."""
    patience = Patience(limit_s, link.rate)
    ping(link, lease)
    for item in items:
        patience.hear(item)
        if not isinstance(item, Tick):
            recorder.add(item)
        recorder.flush_due()
        if STOPPING.is_set():
            raise WorkerStopping("the worker is being stopped; the run will be taken up again")
        if lease.keep():
            ping(link, lease)
            recorder.note_progress()


def ping(link: AgentLink, lease: Lease) -> None:
    """Tell the agent how long this holder may drive it; silence stops its load."""
    link.ping(lease.left_s)


def _leave(run: Run, lease: Lease) -> tuple[str, str]:
    """Put the phone back and say in which state it is left, with the reason for people."""
    assert run.device is not None
    try:
        lease.renew()
        restore(connect(run.device.serial))
    except LeaseLost:
        raise
    except Exception as error:
        log.warning("could not restore %s: %s", run.device.serial, error)
        return DeviceState.PROBING, f"not verified after run {run.pk}: {error}"
    return DeviceState.IDLE, ""


def profile_of(run: Run) -> DeviceProfile | None:
    """Return what the device was when the run used it."""
    return DeviceProfile.model_validate(run.device_json) if run.device_json else None
