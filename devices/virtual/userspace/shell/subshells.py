"""Subshells: pipeline stages, `( … )`, `command &` and `$( … )`, each a process of its own."""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from devices.virtual.userspace.processes import Process, ProcessLimit
from devices.virtual.userspace.shell.descriptors import (
    OpenFile,
    PipeReadEnd,
    PipeWriteEnd,
)
from devices.virtual.userspace.shell.errors import ShellError
from devices.virtual.userspace.shell.openfiles import open_file
from devices.virtual.userspace.shell.shell import Shell
from devices.virtual.userspace.shell.syntax import (
    Background,
    Command,
    Literal,
    Script,
    Sequence,
    Simple,
    Word,
)
from devices.virtual.userspace.shell.variables import MAX_TOTAL
from devices.virtual.userspace.streams import Pipe

RunFork = Callable[[Shell, Command], Coroutine[Any, Any, int]]
_PIECE = 64 * 1024


class Forks:
    """Starts copies of one shell."""

    def __init__(self, shell: Shell, run: RunFork) -> None:
        self._shell = shell
        self._run = run

    async def subshell(self, body: Command) -> int:
        """Run `( body )`."""
        return await self._wait(self._start(body, self._shell.fork))

    async def pipeline(self, stages: tuple[Command, ...]) -> int:
        """Run all stages at once; the status is the last one's, or with pipefail a failed one's."""
        processes = []
        upstream: OpenFile | None = None
        for stage in stages:
            is_last = stage is stages[-1]
            pipe = None if is_last else Pipe()
            processes.append(self._start(stage, self._connected(upstream, pipe)))
            upstream = PipeReadEnd(pipe) if pipe else None
        statuses = [await self._wait(process) for process in processes]
        if "pipefail" in self._shell.options:
            return next((status for status in reversed(statuses) if status), 0)
        return statuses[-1]

    def background(self, node: Background) -> int:
        """Start `body &` with nothing to read, and enter it as a job."""
        process = self._start(node.body, self._without_input)
        process.is_background = True
        assert process.task is not None
        shown = f"\\{node.text}" if isinstance(node.body, Simple) else node.text
        self._shell.jobs.add(process, process.task, shown)
        self._shell.last_background = process.pid
        return 0

    async def capture(self, script: Script) -> str:
        """Return what `$( script )` prints, without the newlines at its end."""
        pipe = Pipe()
        end = PipeReadEnd(pipe).hold()
        process = self._start(_body(script), self._captured(pipe))
        try:
            data = await _all(pipe)
        finally:
            end.release()
        self._shell.substituted = await self._wait(process)
        return _text(data)

    def _start(self, body: Command, fork: Callable[[Process], Shell]) -> Process:
        shell = self._shell
        processes = shell.system.processes
        try:
            process = processes.add(shell.process.argv, parent=shell.process, uid=shell.system.uid)
        except ProcessLimit:
            raise ShellError("can't fork - try again") from None
        child = fork(process)
        process.holds_stream = child.descriptors.holds_stream
        processes.start(process, self._run(child, body), child.descriptors.close_all)
        return process

    async def _wait(self, process: Process) -> int:
        return await self._shell.system.processes.wait(process)

    def _connected(
        self, upstream: OpenFile | None, downstream: Pipe | None
    ) -> Callable[[Process], Shell]:
        def fork(process: Process) -> Shell:
            child = self._shell.fork(process)
            if upstream is not None:
                child.descriptors.put(0, upstream)
            if downstream is not None:
                child.descriptors.put(1, PipeWriteEnd(downstream))
            return child

        return fork

    def _captured(self, pipe: Pipe) -> Callable[[Process], Shell]:
        return self._connected(None, pipe)

    def _without_input(self, process: Process) -> Shell:
        child = self._shell.fork(process)
        child.descriptors.put(0, open_file(self._shell.system.files, "/dev/null", 0))
        return child


def _body(script: Script) -> Command:
    """Return a substitution's commands; `$(<file)` is `$(cat <file)`."""
    node = script.commands[0] if len(script.commands) == 1 else Sequence(script.commands)
    if not isinstance(node, Simple) or node.words or node.assignments:
        return node
    if [redirect.operator for redirect in node.redirects] != ["<"]:
        return node
    return replace(node, words=(Word((Literal("cat"),), "cat"),))


async def _all(pipe: Pipe) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while piece := await pipe.read(_PIECE):
        size += len(piece)
        if size > MAX_TOTAL:
            raise ShellError("out of memory")
        pieces.append(piece)
    return b"".join(pieces)


def _text(data: bytes) -> str:
    return data.replace(b"\0", b"").rstrip(b"\n").decode("utf-8", "surrogateescape")
