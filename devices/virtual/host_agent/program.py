"""Starts this machine's agent as a child process behind the streams of a shell program."""

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

from devices.agent.wire import BadFrame, Line, LineReader
from devices.virtual.agent.program import Invocation, Program, Writer
from devices.virtual.agent.simulated import MODELS

_CHUNK = 64 * 1024
_END_S = 5.0  # what a child gets to stop its load after its stdin has ended
_DIGEST_LETTERS = frozenset("0123456789abcdef")

ReadFile = Callable[[str], bytes]


def host_agent_program(read_file: ReadFile, models: Path) -> Program:
    """Return the program behind /system/bin/simmer-agent of this machine as a device.

    `read_file` reads what was pushed; the files that a command names are copied to `models`,
    the only folder that the child is told about.
    """

    async def run(invocation: Invocation) -> int:
        flags = [flag for flag in invocation.argv[1:] if flag in ("--stdio", "--limit-override")]
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "devices.virtual.host_agent", *flags, "--models", str(models),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            # The library's threads sleep while they wait, so that they heat nothing.
            env={**os.environ, "OMP_WAIT_POLICY": "passive", "PYTHONPATH": _import_path()},
        )  # fmt: skip
        relay = _Relay(child, invocation, read_file, models)
        return await relay.run()

    return run


def _import_path() -> str:
    return str(Path(__file__).parents[3])


class _Relay:
    """Copies three streams; on its way in, it lays down the files that commands name."""

    def __init__(
        self,
        child: asyncio.subprocess.Process,
        invocation: Invocation,
        read_file: ReadFile,
        models: Path,
    ) -> None:
        self._child = child
        self._invocation = invocation
        self._read_file = read_file
        self._models = models
        self._lines = LineReader()

    async def run(self) -> int:
        """Return the child's exit code; being cancelled ends the child."""
        inward = asyncio.create_task(self._copy_in())
        outward = [
            asyncio.create_task(self._copy_out(self._child.stdout, self._invocation.stdout)),
            asyncio.create_task(self._copy_out(self._child.stderr, self._invocation.stderr)),
        ]
        try:
            await asyncio.gather(*outward)
            return await self._child.wait()
        finally:
            inward.cancel()
            for task in outward:
                task.cancel()
            await self._end_child()

    async def _copy_in(self) -> None:
        stdin = self._child.stdin
        assert stdin is not None
        while data := await self._invocation.stdin.read(_CHUNK):
            for line in self._lines.feed(data):
                if not isinstance(line, BadFrame):
                    self._lay_down(line)
            stdin.write(data)
            await stdin.drain()
        stdin.close()

    def _lay_down(self, line: Line) -> None:
        """Copy what `load` and `golden` name; a bad name is left for the child to refuse."""
        for key in ("param", "bin", "ref"):
            name = line.get(key)
            if not isinstance(name, str) or len(name) != 64 or not _DIGEST_LETTERS.issuperset(name):
                continue
            target = self._models / name
            if target.exists():
                continue
            try:
                data = self._read_file(f"{MODELS}/{name}")
            except OSError:
                continue
            partial = target.with_suffix(".part")
            partial.write_bytes(data)
            partial.replace(target)

    async def _copy_out(self, source: asyncio.StreamReader | None, target: Writer) -> None:
        assert source is not None
        while data := await source.read(_CHUNK):
            await target.write(data)

    async def _end_child(self) -> None:
        """Let the child stop by itself, then end it."""
        if self._child.stdin is not None:
            self._child.stdin.close()
        try:
            await asyncio.wait_for(self._child.wait(), _END_S)
        except TimeoutError:
            self._child.kill()
            await self._child.wait()
