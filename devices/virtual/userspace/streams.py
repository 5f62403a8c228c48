"""Byte streams between programs, and pipes that hold back a writer who is too fast."""

import asyncio
from typing import Protocol

PIPE_LIMIT = 64 * 1024  # [bytes], as Linux gives a pipe
LINE_LIMIT = 1 << 20  # [bytes], a security limit on what one readline keeps


class ByteReader(Protocol):
    """Where bytes come from."""

    async def read(self, n: int = -1) -> bytes:
        """Return at least one and at most `n` bytes, b"" at the end; all of it with -1."""

    async def readline(self) -> bytes:
        """Return bytes up to and with the next newline, or what is left at the end."""


class ByteWriter(Protocol):
    """Where bytes go to."""

    async def write(self, data: bytes) -> None:
        """Take `data`, waiting while the reader is behind; BrokenPipeError once it is gone."""


class BytesReader:
    """A reader over bytes that are already there."""

    def __init__(self, data: bytes = b"") -> None:
        self._data = data
        self._at = 0

    async def read(self, n: int = -1) -> bytes:
        """Return up to `n` bytes, b"" at the end."""
        return self._take(len(self._data) if n < 0 else self._at + n)

    async def readline(self) -> bytes:
        """Return the next line."""
        end = self._data.find(b"\n", self._at)
        return self._take(len(self._data) if end < 0 else end + 1)

    def _take(self, end: int) -> bytes:
        data = self._data[self._at : end]
        self._at += len(data)
        return data


class BytesWriter:
    """A writer that keeps everything, up to a limit."""

    def __init__(self, limit: int | None = None) -> None:
        self._pieces: list[bytes] = []
        self._room = limit

    async def write(self, data: bytes) -> None:
        """Keep `data`; MemoryError beyond the limit."""
        if self._room is not None:
            if len(data) > self._room:
                raise MemoryError("more output than this shell keeps")
            self._room -= len(data)
        self._pieces.append(data)

    def take(self) -> bytes:
        """Return everything written since the last call."""
        data = b"".join(self._pieces)
        self._pieces.clear()
        return data


class Pipe:
    """A bounded buffer with one writing and one reading end, inside one event loop."""

    def __init__(self, limit: int = PIPE_LIMIT) -> None:
        self._limit = limit
        self._buffer = bytearray()
        self._is_ended = False
        self._is_abandoned = False
        self._readable = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()

    async def write(self, data: bytes) -> None:
        """Append `data` piece by piece as room comes free."""
        view = memoryview(data)
        while view:
            await self._writable.wait()
            if self._is_abandoned:
                raise BrokenPipeError("nobody reads this pipe any more")
            room = self._limit - len(self._buffer)
            self._buffer += view[:room]
            view = view[room:]
            self._signal()

    async def read(self, n: int = -1) -> bytes:
        """Return what is there, up to `n` bytes; all up to the writer's end with -1."""
        if n < 0:
            return await self._read_all()
        while not self._buffer and not self._is_ended:
            await self._readable.wait()
        return self._take(n)

    async def readline(self) -> bytes:
        """Return the next line; one longer than `LINE_LIMIT` comes in pieces."""
        line = b""
        while not line.endswith(b"\n") and len(line) < LINE_LIMIT:
            while not self._buffer and not self._is_ended:
                await self._readable.wait()
            end = self._buffer.find(b"\n")
            piece = self._take(end + 1 if end >= 0 else len(self._buffer))
            if not piece:
                break
            line += piece
        return line

    def end(self) -> None:
        """Close the writing end: readers get the rest, then b""."""
        self._is_ended = True
        self._signal()

    def abandon(self) -> None:
        """Close the reading end: writers get BrokenPipeError."""
        self._is_abandoned = True
        self._buffer.clear()
        self._signal()

    async def _read_all(self) -> bytes:
        pieces = []
        while piece := await self.read(self._limit):
            pieces.append(piece)
        return b"".join(pieces)

    def _take(self, n: int) -> bytes:
        data = bytes(self._buffer[:n])
        del self._buffer[: len(data)]
        self._signal()
        return data

    def _signal(self) -> None:
        """Wake whoever can go on now."""
        _put(self._readable, bool(self._buffer) or self._is_ended)
        _put(self._writable, len(self._buffer) < self._limit or self._is_abandoned)


def _put(event: asyncio.Event, value: bool) -> None:
    if value:
        event.set()
    else:
        event.clear()
