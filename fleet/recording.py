"""One place, one order: encode, insert with fence, commit, publish, tell the phone."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from devices.agent.link import AgentLink
from devices.clock import HOST, NS_PER_S
from devices.errors import TransientDeviceError
from devices.samples import Batch, Event, Group, Item
from fleet.leases import Lease
from fleet.live.publisher import Publisher
from fleet.models import Run, Trial
from fleet.traces.store import TraceStore

log = logging.getLogger(__name__)

BLOCK_S = 1.0  # [s of host time]
# While somebody watches, each batch of the agent (about 0.2 s) becomes a block as it comes.
WATCHED_BLOCK_S = 0.0
ASK_VIEWERS_EVERY_S = 1.0
MAX_ROWS = 1000


@dataclass(slots=True)
class _Pending:
    """Rows of one clock group that wait for their block."""

    group: Group
    next_row: int = 0
    batches: list[Batch] = field(default_factory=list)
    rows: int = 0


class Recorder:
    """Carries the items of one attempt into the store and then to whoever watches."""

    def __init__(self, run: Run, lease: Lease, link: AgentLink) -> None:
        connection.ensure_connection()
        self._lease = lease
        self._link = link
        self._publisher = Publisher(run.pk)
        self._store = TraceStore(connection.connection, run.pk, lease.fence)
        self._pending: dict[tuple[int, int], _Pending] = {}
        self._totals: dict[int, dict[int, int]] = {}
        clocks = link.request("sync")
        self._boot_offset_ns = int(clocks["boot"]) - int(clocks["t"])
        self._origin_ns = int(clocks["boot"])
        self._flushed_ns = HOST.now_ns()
        self._asked_ns = 0
        self._watched = False
        self._next_event: dict[int, int] = {}
        self._latest: dict[str, Any] = {}  # the hottest zone and its temperature
        self._phase = ""
        self._planned_s: float | None = None
        self._began_ns: int | None = None  # device time at which the phase's clock started
        self._newest_ns = 0

    def __enter__(self) -> "Recorder":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._publisher.close()

    @property
    def clock(self) -> dict[str, Any]:
        """How trace time, the phone's clocks and this host's monotonic clock hang together."""
        offset = self._link.offset
        return {
            "origin_ns": self._origin_ns,
            "boot_offset_ns": self._boot_offset_ns,
            "device_ns": offset.device_ns,
            "host_ns": offset.host_ns,
            "rate": offset.rate,
            "error_ns": offset.error_ns,
        }

    def begin(self, trial: int, phase: str, planned_s: float | None = None) -> None:
        """Fix the origin of a trial's time axis, the same for all trials of an attempt.

        `phase` and how long its load will run [s of device time] are what people see of it.
        """
        Trial.objects.filter(pk=trial).update(origin_ns=self._origin_ns)
        self._phase, self._planned_s, self._began_ns = phase, planned_s, None

    def add(self, item: Item) -> None:
        """Take one item; it is stored with its block, at the latest when `flush_due` says."""
        match item:
            case Group():
                self._declare(item)
            case Batch():
                self._take_rows(item)
            case Event():
                self._store_event(item)

    def flush_due(self) -> None:
        """Close the blocks whose time has come: after 1 s, or at once while somebody watches."""
        now = HOST.now_ns()
        if now - self._asked_ns > ASK_VIEWERS_EVERY_S * NS_PER_S:
            self._watched = self._publisher.is_watched()
            self._asked_ns = now
        period_s = WATCHED_BLOCK_S if self._watched else BLOCK_S
        if now - self._flushed_ns >= period_s * NS_PER_S:
            self.flush()

    def flush(self) -> None:
        """Store and publish everything taken so far, then tell the phone."""
        stored: dict[int, list[list[int]]] = {}
        for (trial, number), pending in self._pending.items():
            if pending.rows:
                self._close_block(trial, pending)
                stored.setdefault(trial, []).append([number, pending.next_row])
        for trial, rows in stored.items():
            self._link.post("stored", trial=trial, rows=rows, ev=self._next_event.get(trial, 0))
        self._flushed_ns = HOST.now_ns()

    def end(self, trial: int) -> None:
        """Close a trial: every declared row must be here."""
        self.flush()
        totals = self._totals.get(trial, {})
        for (of_trial, number), pending in self._pending.items():
            if of_trial == trial and pending.next_row != totals.get(number, 0):
                raise TransientDeviceError(
                    f"the agent declared {totals.get(number, 0)} rows of group "
                    f"{pending.group.name}, {pending.next_row} arrived"
                )
        self._lease.finish_trial(trial, totals)

    def note_progress(self) -> None:
        """Tell the fleet page how far the run is and how hot its phone."""
        progress: dict[str, Any] = {"phase": self._phase, "planned_s": self._planned_s}
        if self._began_ns is not None:
            progress["t_s"] = round((self._newest_ns - self._began_ns) / NS_PER_S, 1)
        self._lease.note(progress=progress)
        self._lease.note_device(self._latest)
        self._publisher.publish_device(self._lease.device, progress | self._latest)

    def _declare(self, group: Group) -> None:
        key = (group.trial, group.number)
        if key not in self._pending:
            self._pending[key] = _Pending(group)
            self._publisher.publish_event(self._store.declare_group(group.trial, group))

    def _take_rows(self, batch: Batch) -> None:
        pending = self._pending[batch.trial, batch.group]
        expected = pending.next_row + pending.rows
        if batch.i0 != expected:
            raise TransientDeviceError(
                f"group {pending.group.name} continued at row {batch.i0}, expected {expected}"
            )
        pending.batches.append(batch)
        pending.rows += batch.rows
        self._remember_newest(pending.group, batch)
        if pending.rows >= MAX_ROWS:
            self._close_block(batch.trial, pending)

    def _close_block(self, trial: int, pending: _Pending) -> None:
        clock = self._trace_time(np.concatenate([batch.t_ns for batch in pending.batches]))
        if pending.group.period_us is not None:
            clock = _strictly_increasing(clock)
        raw = np.concatenate([batch.raw for batch in pending.batches], axis=1)
        valid = np.concatenate([batch.valid for batch in pending.batches], axis=1)
        block = self._store.insert_block(
            trial, pending.group.number, pending.next_row, clock, raw, valid
        )
        pending.next_row = block.next_row
        pending.batches.clear()
        pending.rows = 0
        self._publisher.publish_block(block)

    def _store_event(self, event: Event) -> None:
        if event.kind == "clk":
            self._boot_offset_ns = int(event.data["boot"]) - event.t_ns
        if event.kind == "ended":
            self._totals[event.trial] = {int(g): int(n) for g, n in event.data["rows"]}
        if event.i >= 0:
            self._next_event[event.trial] = event.i + 1
        if event.kind == "baseline":
            self._note_baseline(event.data)
        if event.kind == "started" and self._began_ns is None:  # the first lane that starts
            self._began_ns = event.t_ns
        stored = self._store.insert_event(
            event.trial,
            event.i,
            int(self._trace_time(np.array([event.t_ns], dtype=np.int64))[0]),
            event.kind,
            {"t": event.t_ns, **event.data},
        )
        self._publisher.publish_event(stored)

    def _note_baseline(self, baseline: Mapping[str, Any]) -> None:
        """Keep the start state, and which workload it was that the phone checked by its hash."""
        workload = {
            str(each["workload"]): each["workload_sha256"] for each in baseline["workloads"]
        }
        self._lease.note(baseline=baseline, provenance={"workload": workload})

    def _trace_time(self, t_ns: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return µs since the origin on the phone's CLOCK_BOOTTIME."""
        since_ns: NDArray[np.int64] = t_ns + self._boot_offset_ns - self._origin_ns
        return since_ns // 1000

    def _remember_newest(self, group: Group, batch: Batch) -> None:
        self._newest_ns = max(self._newest_ns, int(batch.t_ns[-1]))
        zones = [
            (round(float(batch.raw[row, -1]) * 10.0**channel.exp, 1), channel.name)
            for row, channel in enumerate(group.channels)
            if channel.name.startswith("zone.") and batch.valid[row, -1]
        ]
        if zones:
            hottest_c, name = max(zones)
            zone = name.removeprefix("zone.").removesuffix(".temperature")
            self._latest = {"hottest_c": hottest_c, "hottest_zone": zone}


def _strictly_increasing(clock: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the clock with rows that share a microsecond moved on by one each."""
    steps = np.arange(clock.shape[0], dtype=np.int64)
    return np.maximum.accumulate(clock - steps) + steps
