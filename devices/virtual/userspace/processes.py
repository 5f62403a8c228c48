"""The process table of one phone: who runs, under which number, and what a signal does to it."""

import asyncio
import errno
import itertools
import os
import signal
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

MAX_PROCESSES = 1000  # a security limit per phone
_FIRST_FREE_PID = 2001
_FATAL = 128  # a status above it is a signal's number plus this

# pid, parent, user, resident [kB], command line: what runs on a phone that nobody uses
_BOOTED: tuple[tuple[int, int, int, int, str], ...] = (
    (1, 0, 0, 9_868, "/system/bin/init second_stage"),
    (2, 0, 0, 0, "[kthreadd]"),
    (7, 2, 0, 0, "[ksoftirqd/0]"),
    (8, 2, 0, 0, "[rcu_preempt]"),
    (312, 1, 1036, 7_124, "/system/bin/logd"),
    (313, 1, 1000, 5_432, "/system/bin/servicemanager"),
    (314, 1, 1000, 6_020, "/system/bin/hwservicemanager"),
    (498, 1, 0, 130_440, "zygote64"),
    (512, 1, 1000, 4_980, "/vendor/bin/hw/android.hardware.thermal@2.0-service"),
    (540, 1, 1000, 31_860, "/system/bin/surfaceflinger"),
    (655, 1, 2000, 6_148, "/system/bin/adbd --root_seclabel=u:r:su:s0"),
    (902, 498, 1000, 312_704, "system_server"),
    (1204, 498, 10_047, 188_212, "com.android.systemui"),
    (1318, 498, 1001, 98_860, "com.android.phone"),
)
ADBD_PID = 655
#: How willingly Android lets go of what it starts itself; its native services have -1000.
_SCORES = {"system_server": -900, "com.android.systemui": -800, "com.android.phone": -800}


class ProcessLimit(OSError):
    """The phone has no room for another process."""

    def __init__(self) -> None:
        super().__init__(errno.EAGAIN, os.strerror(errno.EAGAIN), "fork")


@dataclass(eq=False)
class Process:
    """One entry of the table."""

    pid: int
    ppid: int
    uid: int
    argv: tuple[str, ...]
    started_ns: int
    resident_kb: int = 3_512
    virtual_kb: int = 10_756_000
    nice: int = 0
    oom_score_adj: int = -1000  # what a shell of adb gives to its children, too
    affinity: int | None = None  # the CPUs it may use as a mask; None: all
    ignored: set[int] = field(default_factory=set)  # signals that do nothing
    handled: dict[int, Callable[[], None]] = field(default_factory=dict)
    task: asyncio.Task[int] | None = None
    killed_by: int | None = None
    session: int = 0  # the shell service that it was started in
    group: int = 0  # whom `kill -- -NUMBER` reaches together; a service's processes share one
    is_background: bool = False  # by `&`
    is_session_leader: bool = False  # by setsid: no hang-up reaches it
    holds_stream: Callable[[], bool] = lambda: False

    @property
    def command_line(self) -> str:
        """What `ps -o ARGS` shows."""
        return " ".join(self.argv)

    @property
    def name(self) -> str:
        """The program's name as `ps` shows it and `pidof` looks for it."""
        first = self.argv[0] if self.argv else ""
        return first if first.startswith("[") else first.rpartition("/")[2]

    def send(self, number: int) -> None:
        """Deliver a signal: a handler, nothing, or the end."""
        if number == 0 or number in (signal.SIGCHLD, signal.SIGCONT, signal.SIGWINCH):
            return
        if number != signal.SIGKILL:
            if number in self.handled:
                self.handled[number]()
                return
            if number in self.ignored:
                return
        self.killed_by = number
        if self.task is not None:
            self.task.cancel()


class ProcessTable:
    """All processes of one phone."""

    def __init__(self, now_ns: Callable[[], int]) -> None:
        self._now_ns = now_ns
        self._pids = itertools.count(_FIRST_FREE_PID)
        self._all: dict[int, Process] = {}
        for pid, ppid, uid, resident_kb, command in _BOOTED:
            argv = tuple(command.split())
            process = self._all[pid] = Process(pid, ppid, uid, argv, 0, resident_kb)
            if not command.startswith("/"):
                process.oom_score_adj = _SCORES.get(command, 0 if command[0] == "[" else -1000)

    def __iter__(self) -> Iterator[Process]:
        return iter(sorted(self._all.values(), key=lambda process: process.pid))

    @property
    def adbd(self) -> Process:
        """The daemon that starts the shells."""
        return self._all[ADBD_PID]

    def get(self, pid: int) -> Process | None:
        """Return a process by its number."""
        return self._all.get(pid)

    def targets(self, number: int) -> list[Process]:
        """Return whom kill(2) means: a process, or with a negative number a group."""
        if number < 0:
            return [process for process in self._all.values() if process.group == -number]
        process = self._all.get(number)
        return [process] if process else []

    def children(self, process: Process) -> list[Process]:
        """Return the processes that `process` started and that still run."""
        return [child for child in self._all.values() if child.ppid == process.pid]

    def add(self, argv: Sequence[str], *, parent: Process, uid: int) -> Process:
        """Enter a new process."""
        if len(self._all) >= MAX_PROCESSES:
            raise ProcessLimit
        process = Process(next(self._pids), parent.pid, uid, tuple(argv), self._now_ns())
        process.ignored |= parent.ignored
        process.nice, process.affinity = parent.nice, parent.affinity
        process.oom_score_adj = parent.oom_score_adj
        process.session = parent.session or process.pid
        process.group = parent.group or process.pid
        self._all[process.pid] = process
        return process

    def start(
        self,
        process: Process,
        body: Coroutine[Any, Any, int],
        at_end: Callable[[], None] = lambda: None,
    ) -> asyncio.Task[int]:
        """Let `process` run `body` in a task of its own, which leaves the table at its end."""
        task = asyncio.get_running_loop().create_task(self._run(process, body))
        process.task = task

        # A task that is cancelled before its first step never enters its coroutine.
        def clean_up(_: asyncio.Task[int]) -> None:
            body.close()
            at_end()
            self.remove(process)

        task.add_done_callback(clean_up)
        return task

    async def wait(self, process: Process) -> int:
        """Return the status of a started process once it has ended, killed or not.

        Cancelling the waiter leaves the process running, as a dead parent does.
        """
        task = process.task
        assert task is not None
        await asyncio.wait((task,))
        if task.cancelled():
            return _FATAL + (process.killed_by or signal.SIGKILL)
        return task.result()

    async def wait_for_stream(self, session: int) -> None:
        """Return once nothing of a shell service writes to it any more, as adbd does."""
        while tasks := [
            process.task
            for process in self._all.values()
            if process.session == session and process.task and process.holds_stream()
        ]:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)

    async def _run(self, process: Process, body: Coroutine[Any, Any, int]) -> int:
        try:
            return await body
        except BrokenPipeError:
            return _FATAL + signal.SIGPIPE

    def remove(self, process: Process) -> None:
        """Take a process that has ended out; init adopts its children."""
        self._all.pop(process.pid, None)
        for child in self.children(process):
            child.ppid = 1

    def interrupt(self, leader: Process) -> bool:
        """Do what ^C does to what a terminal's shell runs; return whether that was anything."""
        found = [
            process
            for process in self._all.values()
            if process.session == leader.pid and process is not leader
            if not process.is_background
        ]
        for process in found:
            process.send(signal.SIGINT)
        return bool(found)

    def hang_up(self, process: Process) -> None:
        """End what a closed terminal ends: `process` and what it runs that did not get away."""
        for child in self.children(process):
            if not _survives(child):
                self.hang_up(child)
        if process.killed_by is None:
            process.killed_by = signal.SIGHUP
        if process.task is not None:
            process.task.cancel()


def _survives(process: Process) -> bool:
    """Say whether a process lives on without its terminal."""
    if process.is_session_leader or signal.SIGHUP in process.ignored:
        return True
    return process.is_background and not process.holds_stream()
