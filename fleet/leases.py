"""The lock on a phone: acquire, adopt, keep, release, reap, each one conditional statement."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import connection
from psycopg.types.json import Jsonb

from devices.clock import HOST, NS_PER_S
from fleet.lifecycle.device import USABLE
from fleet.lifecycle.run import STEPS, Cancelled, Ending, LeaseLost, State
from fleet.sql import load

TTL = timedelta(seconds=30)
RENEW_AFTER_S = 4.0
#: The holder stops by itself before the reaper hands the phone on. [s of host time]
OWN_DEADLINE_S = 20.0
PAUSE_BEFORE_RETRY = timedelta(seconds=5)

SQL = load(Path(__file__).with_name("leases.sql"))
log = logging.getLogger(__name__)


def _rows(name: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(SQL[name], values)
        return list(cursor.fetchall())


@dataclass(slots=True)
class Lease:
    """The right to touch one phone for one run, as long as it is kept."""

    run: int
    device: int
    fence: int
    attempt: int
    me: str
    ttl: timedelta = TTL
    _kept_ns: int = field(default_factory=HOST.now_ns)

    @property
    def left_s(self) -> float:
        """Host seconds until this holder must have stopped its load."""
        return OWN_DEADLINE_S - (HOST.now_ns() - self._kept_ns) / NS_PER_S

    def keep(self) -> bool:
        """Renew when due; return whether it was. Raises LeaseLost and Cancelled."""
        age_s = (HOST.now_ns() - self._kept_ns) / NS_PER_S
        if age_s < RENEW_AFTER_S:
            return False
        if age_s > OWN_DEADLINE_S:
            raise LeaseLost(f"run {self.run} was not kept for {age_s:.0f} s")
        if self.renew():
            raise Cancelled("someone asked for this run to stop")
        return True

    def renew(self) -> bool:
        """Renew now; return whether a cancel was asked for. Raises LeaseLost."""
        asked_ns = HOST.now_ns()
        rows = _rows("keep", device=self.device, me=self.me, fence=self.fence, ttl=self.ttl)
        if not rows:
            raise LeaseLost(f"run {self.run} is somebody else's now")
        self._kept_ns = asked_ns
        return bool(rows[0][0])

    def advance(self, to: State, ending: Ending | None = None) -> None:
        """Move the run to `to`, noting how it will end. Raises LeaseLost."""
        sources = [state.value for state, steps in STEPS.items() if to in steps]
        rows = _rows(
            "advance",
            run=self.run,
            device=self.device,
            me=self.me,
            fence=self.fence,
            to=to.value,
            ending=ending.word if ending else None,
            failure=ending.failure if ending else None,
            **{"from": sources},
        )
        if not rows:
            raise LeaseLost(f"run {self.run} could not become {to}: somebody else owns it")

    def note(
        self,
        progress: Mapping[str, Any] | None = None,
        device_json: Mapping[str, Any] | None = None,
        baseline: Mapping[str, Any] | None = None,
        provenance: Mapping[str, Any] | None = None,
    ) -> None:
        """Keep facts that pages show beside the run. Raises LeaseLost."""
        values = {
            name: Jsonb(dict(value)) if value is not None else None
            for name, value in (
                ("progress", progress),
                ("device_json", device_json),
                ("baseline", baseline),
                ("provenance", provenance),
            )
        }
        if not _rows("note", run=self.run, fence=self.fence, **values):
            raise LeaseLost(f"run {self.run} is somebody else's now")

    def note_device(self, latest: Mapping[str, Any]) -> None:
        """Keep the newest readings of the phone. Raises LeaseLost."""
        values = {"device": self.device, "me": self.me, "fence": self.fence}
        if not _rows("note_device", latest=Jsonb(dict(latest)), **values):
            raise LeaseLost(f"run {self.run} is somebody else's now")

    def start_trial(self, number: int) -> int:
        """Begin trial `number` of this attempt; return its id. Raises LeaseLost."""
        rows = _rows("start_trial", run=self.run, fence=self.fence, number=number)
        if not rows:
            raise LeaseLost(f"run {self.run} may not start trial {number}")
        return int(rows[0][0])

    def finish_trial(self, trial: int, totals: Mapping[int, int]) -> None:
        """Close a trial with the rows per group that the agent declared. Raises LeaseLost."""
        rows = _rows(
            "finish_trial",
            trial=trial,
            fence=self.fence,
            groups=list(totals),
            totals=list(totals.values()),
        )
        if not rows:
            raise LeaseLost(f"trial {trial} is not this holder's to finish")

    def release(self, next_state: str, why: str = "") -> str:
        """Give the phone back; return the run's state after it. Raises LeaseLost."""
        rows = _rows(
            "release",
            run=self.run,
            device=self.device,
            me=self.me,
            fence=self.fence,
            next=next_state,
            why=why,
            pause=PAUSE_BEFORE_RETRY,
        )
        if not rows:
            raise LeaseLost(f"run {self.run} is somebody else's now")
        return str(rows[0][0])


def acquire(run: int, device: int, ttl: timedelta = TTL) -> bool:
    """Lease `device` for `run`; return False if somebody was first."""
    healths = [health.value for health in USABLE]
    return bool(_rows("acquire", run=run, device=device, healths=healths, ttl=ttl))


def adopt(run: int, me: str, ttl: timedelta = TTL) -> Lease | None:
    """Become the holder of a leased run, or None: a doubled doorbell goes home."""
    asked_ns = HOST.now_ns()
    rows = _rows("adopt", run=run, me=me, ttl=ttl)
    if not rows:
        return None
    device, fence, attempt = rows[0]
    return Lease(run, device, fence, attempt, me, ttl, asked_ns)


def reap() -> list[tuple[int, str]]:
    """Free expired leases; return the runs that moved and where to."""
    freed = [(int(run), str(word)) for run, word in _rows("reap")]
    for run, word in freed:
        log.warning("the lease of run %s expired; it is %s now", run, word)
    return freed


def cancel(run: int, me: str) -> str | None:
    """Ask a run to stop; return `cancelled` or `cancel requested`, None if it is too late."""
    rows = _rows("cancel", run=run, me=me)
    return str(rows[0][0]) if rows else None


def unheard(ttl: timedelta = TTL) -> list[tuple[int, str]]:
    """Return leased runs that no worker adopted yet, each with its host's name."""
    return [(int(run), str(host)) for run, host in _rows("unheard", ttl=ttl)]
