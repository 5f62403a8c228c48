"""One ADB stream as services see it: bytes to read, bytes to write, both with back-pressure."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

READ_AHEAD = 256 * 1024  # the host may send more once less than this waits to be read
WRITE_AHEAD = 1 << 20  # a writer waits while more than this is queued


@dataclass(frozen=True, slots=True)
class SocketPort:
    """What a socket needs from its connection."""

    write: Callable[[bytes], None]
    queued: Callable[[], int]
    acknowledge: Callable[[], None]
    close: Callable[[], None]


class AdbSocket:
    """A byte stream between one service of the phone and the host."""

    def __init__(self, port: SocketPort) -> None:
        self._port = port
        self._inbox = bytearray()
        self._owed = 0  # pieces of the host that were not acknowledged yet
        self._changed = asyncio.Event()
        self.is_closed = False  # nothing comes, nothing can be said

    async def read(self, n: int = -1) -> bytes:
        """Return at least one and at most `n` bytes; b"" once the host has closed.

        With `n` = -1 return everything up to that end.
        """
        if n < 0:
            return await self._read_to_end()
        while not self._inbox and not self.is_closed:
            await self._wait()
        return self._take(min(n, len(self._inbox)))

    async def read_exactly(self, n: int) -> bytes:
        """Return exactly `n` bytes.

        Raises:
            EOFError: if the host closes before.
        """
        while len(self._inbox) < n and not self.is_closed:
            self._acknowledge()
            await self._wait()
        if len(self._inbox) < n:
            raise EOFError(f"stream ends after {len(self._inbox)} bytes, expected {n} bytes")
        return self._take(n)

    async def readline(self) -> bytes:
        """Return bytes up to and with the next newline, or what is left at the end."""
        while (end := self._inbox.find(b"\n")) < 0 and not self.is_closed:
            self._acknowledge()
            await self._wait()
        return self._take(end + 1 if end >= 0 else len(self._inbox))

    async def write(self, data: bytes) -> None:
        """Send `data`; returns once little enough is waiting to leave.

        Raises:
            BrokenPipeError: if the host has closed the stream.
        """
        if self.is_closed:
            raise BrokenPipeError("the host closed the stream")
        self._port.write(data)
        while self._port.queued() > WRITE_AHEAD and not self.is_closed:
            await self._wait()

    def close(self) -> None:
        """Close from our side, after what was written."""
        self._port.close()
        self.on_closed()

    def on_data(self, data: bytes) -> None:
        """Take a piece from the host."""
        self._inbox += data
        self._owed += 1
        if len(self._inbox) < READ_AHEAD:
            self._acknowledge()
        self._changed.set()

    def on_drained(self) -> None:
        """Wake a writer: the host took a piece."""
        self._changed.set()

    def on_closed(self) -> None:
        """Wake everybody: nothing comes any more, nothing can be said."""
        self.is_closed = True
        self._changed.set()

    async def _read_to_end(self) -> bytes:
        while not self.is_closed:
            self._acknowledge()
            await self._wait()
        return self._take(len(self._inbox))

    def _take(self, n: int) -> bytes:
        data = bytes(memoryview(self._inbox)[:n])
        del self._inbox[:n]
        if len(self._inbox) < READ_AHEAD:
            self._acknowledge()
        return data

    def _acknowledge(self) -> None:
        for _ in range(self._owed):
            self._port.acknowledge()
        self._owed = 0

    async def _wait(self) -> None:
        self._changed.clear()
        await self._changed.wait()
