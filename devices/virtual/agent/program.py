"""Runs one attached agent over the standard streams of a process on a virtual phone."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol

from devices.agent.messages import DATA_INTERVAL_S, EXIT_STDOUT_GONE, EXIT_USAGE
from devices.virtual.agent.knob_finding import Files
from devices.virtual.agent.session import Session

_CHUNK = 64 * 1024
_MAX_UNSENT_BYTES = 4 << 20  # beyond this, rows wait in their rings
_JOB_INTERVAL_S = 0.02  # how often a background command is looked at
_USAGE = b"usage: simmer-agent FILE --stdio [--limit-override]\n"


class Reader(Protocol):
    async def read(self, n: int = -1) -> bytes: ...


class Writer(Protocol):
    async def write(self, data: bytes) -> None: ...


class Surroundings(Protocol):
    """The phone as the agent's process sees it."""

    @property
    def files(self) -> Files: ...
    @property
    def uid(self) -> int: ...


class Invocation(Protocol):
    """The part of a started process that an agent needs."""

    @property
    def argv(self) -> Sequence[str]: ...
    @property
    def stdin(self) -> Reader: ...
    @property
    def stdout(self) -> Writer: ...
    @property
    def stderr(self) -> Writer: ...
    @property
    def system(self) -> Surroundings: ...


Program = Callable[[Invocation], Coroutine[Any, Any, int]]
OpenSession = Callable[[Surroundings, str, bool], Session]


def attached(open_session: OpenSession) -> Program:
    """Return a program that serves one owner on its standard streams.

    `open_session` is told what the process sees and may do, the path of the agent and whether its
    owner may loosen the limits.
    """

    async def run(invocation: Invocation) -> int:
        words = invocation.argv[1:]
        path = next((word for word in words if not word.startswith("-")), "")
        flags = set(words) & {"--stdio", "--limit-override"}
        if "--stdio" not in flags:
            await invocation.stderr.write(_USAGE)
            return EXIT_USAGE
        session = open_session(invocation.system, path, "--limit-override" in flags)
        return await _Attached(session, invocation.stdin, invocation.stdout).serve()

    return run


class _Attached:
    """Moves bytes between one session and two streams."""

    def __init__(self, session: Session, stdin: Reader, stdout: Writer) -> None:
        self._session = session
        self._stdin = stdin
        self._stdout = stdout
        self._stirred = asyncio.Event()
        self._unsent: list[bytes] = []
        self._unsent_bytes = 0
        self._written = asyncio.Event()

    async def serve(self) -> int:
        """Return the exit code once the session has ended or the owner is gone."""
        reading = asyncio.create_task(self._read())
        writing = asyncio.create_task(self._write())
        try:
            while self._session.exit_code is None and not writing.done():
                self._turn()
                self._session.came_late(await self._pause())
            self._queue_output()
            await self._drain(writing)
        finally:
            self._session.end_of_input()
            reading.cancel()
            writing.cancel()
            problems = await asyncio.gather(reading, writing, return_exceptions=True)
        for problem in problems:
            if isinstance(problem, Exception):
                raise problem
        code = self._session.exit_code
        return EXIT_STDOUT_GONE if self._unsent or code is None else code

    def _turn(self) -> None:
        self._session.turn(may_send=self._unsent_bytes < _MAX_UNSENT_BYTES)
        self._queue_output()

    def _queue_output(self) -> None:
        output = self._session.take_output()
        if output:
            self._unsent.append(output)
            self._unsent_bytes += len(output)
            self._written.set()

    async def _pause(self) -> float:
        """Wait until rows are worth sending, answering commands as they come.

        Returns:
            How late it has become [s of host time].
        """
        loop = asyncio.get_running_loop()
        due = loop.time() + (_JOB_INTERVAL_S if self._session.is_waiting else DATA_INTERVAL_S)
        while self._session.exit_code is None:
            self._stirred.clear()
            try:
                await asyncio.wait_for(self._stirred.wait(), due - loop.time())
            except TimeoutError:
                break
            self._queue_output()
            if self._session.is_waiting:
                due = min(due, loop.time() + _JOB_INTERVAL_S)
        return loop.time() - due

    async def _read(self) -> None:
        try:
            while data := await self._stdin.read(_CHUNK):
                self._session.feed(data)
                self._stirred.set()
        finally:
            self._session.end_of_input()
            self._stirred.set()

    async def _write(self) -> None:
        while True:
            while self._unsent:
                output = self._unsent[0]
                await self._stdout.write(output)
                self._unsent_bytes -= len(self._unsent.pop(0))
            self._written.clear()
            await self._written.wait()

    async def _drain(self, writing: asyncio.Task[None]) -> None:
        """Let the last lines out, unless nobody takes them."""
        while self._unsent and not writing.done():
            await asyncio.wait({writing}, timeout=0.02)
