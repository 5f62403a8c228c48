"""A terminal's line discipline: echo, erasing, ^C and ^D between a host's keyboard and a shell."""

import asyncio
from collections.abc import Callable

from devices.virtual.userspace.streams import ByteReader, ByteWriter

_MAX_LINE = 4096  # [bytes], as Linux cuts a typed line
_KEYS_AT_ONCE = 1024
_INTERRUPT, _END, _ESCAPE = 0x03, 0x04, 0x1B
_ERASE = (0x08, 0x7F)
_NEWLINE = (0x0A, 0x0D)


class Screen:
    """What programs write, with the carriage returns that a raw terminal at the host needs."""

    def __init__(self, writer: ByteWriter) -> None:
        self._writer = writer

    async def write(self, data: bytes) -> None:
        """Show `data`."""
        await self._writer.write(data.replace(b"\n", b"\r\n"))


class Terminal:
    """Typed keys become lines; programs read those."""

    def __init__(
        self, keyboard: ByteReader, screen: ByteWriter, interrupt: Callable[[], bool]
    ) -> None:
        self._keyboard = keyboard
        self._screen = screen
        self._interrupt = interrupt
        self._lines: asyncio.Queue[bytes] = asyncio.Queue()
        self._typed = bytearray()
        self._left = b""  # of a line that was read in part
        self._skipped = 0  # bytes of an escape sequence still to come

    async def pump(self) -> None:
        """Take keys until the host hangs up."""
        while keys := await self._keyboard.read(_KEYS_AT_ONCE):
            for key in keys:
                await self._press(key)
        self._lines.put_nowait(b"")

    async def readline(self) -> bytes:
        """Return the next line, or what a program left of one."""
        if self._left:
            line, self._left = self._left, b""
            return line
        return await self._lines.get()

    async def read(self, n: int = -1) -> bytes:
        """Return up to `n` bytes of a line; with -1 all lines up to ^D."""
        if n < 0:
            pieces = []
            while line := await self.readline():
                pieces.append(line)
            return b"".join(pieces)
        line = await self.readline()
        self._left = line[n:]
        return line[:n]

    async def _press(self, key: int) -> None:
        if self._skipped:
            self._skipped -= 1
        elif key in _NEWLINE:
            await self._screen.write(b"\r\n")
            self._finish(b"\n")
        elif key in _ERASE:
            await self._erase()
        elif key >= 0x20 or key == 0x09:
            await self._type(key)
        else:
            await self._control(key)

    async def _control(self, key: int) -> None:
        if key == _END:
            self._finish(b"")
        elif key == _ESCAPE:
            self._skipped = 2  # an arrow key; there is no history to walk through
        elif key == _INTERRUPT:
            await self._screen.write(b"^C\r\n")
            self._typed.clear()
            if not self._interrupt():
                self._lines.put_nowait(b"\n")  # the shell itself was waiting: a new prompt

    def _finish(self, end: bytes) -> None:
        self._lines.put_nowait(bytes(self._typed) + end)
        self._typed.clear()

    async def _type(self, key: int) -> None:
        if len(self._typed) < _MAX_LINE:
            self._typed.append(key)
            await self._screen.write(bytes([key]))

    async def _erase(self) -> None:
        if self._typed:
            while self._typed.pop() & 0xC0 == 0x80:  # all bytes of one character
                continue
            await self._screen.write(b"\b \b")
