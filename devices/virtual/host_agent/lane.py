"""One lane of real inferences: a thread that starts each at its time and says how long it took."""

import ctypes
import os
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock, Thread
from time import process_time_ns

from devices.agent.messages import (
    FLAG_DEADLINE_MISSED,
    FLAG_FINISHED_LOCALLY,
    FLAG_FIRST_AFTER_CHANGE,
    INFER,
    PROBLEMS,
    SPLIT_COLUMNS,
)
from devices.clock import HOST, NS_PER_S
from devices.virtual.agent.body import Happening, LaneOrder, Refused
from devices.virtual.agent.rows import applied_data
from devices.virtual.host_agent.courier import Courier
from devices.virtual.host_agent.network import Network
from devices.virtual.host_agent.rings import Rings
from devices.virtual.host_agent.turns import WHOLE_PM, Turns

_LIBC = ctypes.CDLL(None)


class HostLane(Thread):
    """Runs one order after another until it is stopped or its count or time is over."""

    def __init__(
        self,
        order: LaneOrder,
        network: Network,
        rings: Rings,
        start_ns: int,
        keep_off: set[int],
        turns: Turns,
        courier: Courier | None = None,
    ) -> None:
        super().__init__(name=f"lane-{order.lane}", daemon=True)
        self._order = order
        self._network = network
        self._rings = rings
        self._courier = courier
        self._turns = turns
        self._start_ns = start_ns
        self._keep_off = keep_off  # threads that are not ours to bind to cores
        self._waiting: list[tuple[LaneOrder, Network]] = []
        self._lock = Lock()
        self._stirred = Event()
        self._is_stopped = False
        self._pace = _Pace(order, start_ns)
        self.done = 0

    def change(self, order: LaneOrder, network: Network) -> None:
        """Use another order from the next frame on."""
        with self._lock:
            self._waiting.append((order, network))
        self._stirred.set()

    def stop(self) -> None:
        """Start no other inference."""
        self._is_stopped = True
        self._stirred.set()

    def run(self) -> None:
        """The thread: pace, infer, report."""
        why = "done"
        try:
            self._apply(self._order, self._network, [])
            while not self._is_over():
                due_ns = self._wait_for_slot()
                if due_ns is not None:
                    self._infer(due_ns)
            why = "stop" if self._is_stopped else "done"
        except Refused as refusal:
            why = refusal.code
            self._tell("error", {"code": refusal.code, "msg": str(refusal)})
        finally:
            self._turns.leave(self._order.lane)
            if self._courier is not None:
                self._courier.close()
        end_ns = self._start_ns + self._order.dur_ms * 1_000_000 if self._order.dur_ms else 0
        dropped = self._pace.dropped + self._pace.unserved(min(HOST.now_ns(), end_ns))
        counts = {"done": self.done, "dropped": dropped}
        self._tell("idle", {"lane": self._order.lane, "gen": self._order.gen, **counts, "why": why})

    def _tell(self, kind: str, data: dict[str, object]) -> None:
        self._rings.tell(Happening(HOST.now_ns(), kind, data))

    def _is_over(self) -> bool:
        order = self._order
        is_late = order.dur_ms and self._pace.due_ns - self._start_ns >= order.dur_ms * 1_000_000
        return bool(self._is_stopped or (order.n and self.done >= order.n) or is_late)

    def _wait_for_slot(self) -> int | None:
        """Return the due time of the slot that begins now, or None if something else came up."""
        if self._adopt():
            return None
        due_ns = self._pace.due_ns
        left_ns = due_ns - HOST.now_ns()
        if left_ns <= 0:
            return due_ns
        self._stirred.wait(left_ns / NS_PER_S)
        self._stirred.clear()
        return None

    def _adopt(self) -> bool:
        with self._lock:
            waiting, self._waiting = self._waiting, []
        if not waiting:
            return False
        order, network = waiting[-1]
        self._turns.step_out(order.lane)  # under another order it may have to wait for its slot
        self._apply(order, network, [skipped.gen for skipped, _ in waiting[:-1]])
        self._pace = self._pace.changed(order)
        return True

    def _apply(self, order: LaneOrder, network: Network, skipped: list[int]) -> None:
        mask_read = _bind(order.mask, self._keep_off)
        if order.mask and mask_read != order.mask:
            raise Refused("affinity", f"asked for cores {order.mask:x}, got {mask_read:x}")
        is_reading = order.reload and order.model != self._order.model
        read_ns = network.read_again() if is_reading else 0
        self._order, self._network = order, network
        self._flags = FLAG_FIRST_AFTER_CHANGE
        if self._courier is not None:
            self._courier.use(order.cut, order.back)
        applied = applied_data(order, skipped, read_ns)
        self._tell("applied", {**applied, "mask_read": f"{mask_read:x}"})

    def _infer(self, due_ns: int) -> None:
        order, slot = self._order, self._pace.slot
        core = _LIBC.sched_getcpu()
        began_ns = HOST.now_ns()
        has_turns = order.share_pm < WHOLE_PM
        if has_turns:  # an inference lasts from when it could begin, as one that is held up does
            self._turns.take(order.lane)
        cpu0_ns, turn_ns = process_time_ns(), HOST.now_ns()
        ran = self._run_network(order)
        ended_ns = HOST.now_ns()
        q_us, lat_us = max(0, began_ns - due_ns) // 1000, (ended_ns - began_ns) // 1000
        is_late = 0 < order.deadline_us < q_us + lat_us
        flags = self._flags | ran.flags | (FLAG_DEADLINE_MISSED if is_late else 0)
        cpu_us = (process_time_ns() - cpu0_ns) // 1000
        row = [began_ns, order.lane, order.gen, order.mid, slot, q_us, lat_us, cpu_us, core]
        self._rings.put(INFER, [*row, order.threads, ran.top, ran.error, flags, None, *ran.split])
        if self._courier is not None:
            self._courier.refresh()
            ended_ns = HOST.now_ns()
        self._flags = 0
        self.done += 1
        self._pace.next(ended_ns)
        if has_turns:
            is_back = self._pace.due_ns <= ended_ns and not self._is_over()
            took_s = (ended_ns - turn_ns) / NS_PER_S
            self._turns.give_back(order.lane, took_s, order.share_pm, is_back=is_back)

    def _run_network(self, order: LaneOrder) -> "_Ran":
        """Run one inference, here or divided; one that fails does not end a run."""
        try:
            if order.cut:
                return self._run_divided(order)
            return _Ran(int(self._network.infer(order.threads).argmax()))
        except Refused as refusal:
            return _Ran(None, PROBLEMS[refusal.code].number)

    def _run_divided(self, order: LaneOrder) -> "_Ran":
        """Run the head here, the peer's part there, and the rest here: all of it, if need be."""
        assert self._courier is not None
        began_ns = HOST.now_ns()
        crossing = self._network.head(order.threads, order.cut)
        head_us = (HOST.now_ns() - began_ns) // 1000
        went = self._courier.carry(crossing)
        parts = (head_us, went.net_us, went.srv_us, went.srvq_us, went.tx, went.rx)
        if went.output is not None:
            output = went.output
            if order.back:
                output = self._network.tail(order.threads, order.back, output)
            return _Ran(int(output.argmax()), split=parts)
        if not order.fallback:
            return _Ran(None, PROBLEMS[went.problem].number, split=parts)
        output = self._network.tail(order.threads, order.cut, crossing)
        return _Ran(int(output.argmax()), flags=FLAG_FINISHED_LOCALLY, split=parts)


@dataclass(frozen=True, slots=True)
class _Ran:
    """What one inference gave."""

    top: int | None
    error: int = 0
    flags: int = 0
    split: tuple[int | None, ...] = (None,) * len(SPLIT_COLUMNS)


class _Pace:
    """Slots at absolute times; those that are too late to catch up with are dropped."""

    def __init__(self, order: LaneOrder, start_ns: int) -> None:
        self._period_ns = order.period_us * 1000
        self._depth = order.depth
        self._idle_ns = order.idle_us * 1000
        self._start_ns = start_ns
        self._table = order.timetable
        self.slot = 0
        self.dropped = 0
        self.due_ns = start_ns + (self._table.due_ns(0) if self._table else 0)

    def next(self, now_ns: int) -> None:
        """Go on to the next slot after an inference that ended at `now_ns`."""
        self.slot += 1
        ready_ns = now_ns + self._idle_ns
        if self._table:
            skipped = self._table.dropped(self.slot, ready_ns - self._start_ns, self._depth)
            self.slot += skipped
            self.dropped += skipped
            self.due_ns = self._start_ns + self._table.due_ns(self.slot)
            return
        if not self._period_ns:
            self.due_ns = ready_ns
            return
        self.due_ns = self._start_ns + self.slot * self._period_ns
        late_ns = ready_ns - self.due_ns
        if late_ns > self._depth * self._period_ns:
            skipped = late_ns // self._period_ns - (self._depth - 1)
            self.slot += skipped
            self.dropped += skipped
            self.due_ns += skipped * self._period_ns

    def unserved(self, end_ns: int) -> int:
        """Return how many had come before the end and were not taken up any more."""
        if self._table is None:
            return 0
        return max(0, self._table.come(end_ns - 1 - self._start_ns) - self.slot)

    def changed(self, order: LaneOrder) -> "_Pace":
        """Return a pace for other settings that goes on where this one is."""
        is_same = (order.timetable, order.period_us * 1000) == (self._table, self._period_ns)
        if is_same and (self._table or self._period_ns):  # who comes knows nothing of the change
            pace = _Pace(order, self._start_ns)
            pace.slot, pace.dropped, pace.due_ns = self.slot, self.dropped, self.due_ns
            return pace
        period_ns = order.period_us * 1000
        now_ns = max(self.due_ns, HOST.now_ns()) if self._period_ns else HOST.now_ns()
        pace = _Pace(order, now_ns - self.slot * period_ns)
        pace.slot, pace.dropped, pace.due_ns = self.slot, self.dropped, now_ns
        return pace


def _bind(mask: int, keep_off: set[int]) -> int:
    """Bind this thread and the library's pool to cores; return the mask that the kernel reads back.

    The pool gives work to any of its threads, so every thread of the process but those in
    `keep_off` must be bound.
    """
    all_cores = set(range(os.cpu_count() or 1))
    wanted = {core for core in all_cores if mask >> core & 1} or all_cores
    seen = 0
    for task in Path("/proc/self/task").iterdir():
        tid = int(task.name)
        if tid in keep_off:
            continue
        try:
            os.sched_setaffinity(tid, wanted)
            seen |= sum(1 << core for core in os.sched_getaffinity(tid))
        except ProcessLookupError:  # it ended meanwhile
            continue
        except OSError as error:
            raise Refused("affinity", f"cores {mask:x}: {error.strerror}") from error
    return seen
