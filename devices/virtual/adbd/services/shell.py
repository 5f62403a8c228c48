"""The shell services: v1 and exec merge stderr into stdout, v2 keeps them apart."""

import asyncio
import struct

from devices.virtual.adbd.socket import AdbSocket
from devices.virtual.adbd.target import Target

_HEADER = struct.Struct("<BI")  # id, length
_STDIN, _STDOUT, _STDERR, _EXIT, _CLOSE_STDIN = 0, 1, 2, 3, 4
_MAX_PACKET = 1 << 20  # a security limit on what one packet of the host may announce
_PIECE = 64 * 1024  # old hosts read shell packets into a buffer of this size


async def serve_raw(target: Target, command: str, socket: AdbSocket) -> None:
    """Run `command` with all three standard streams on the socket itself."""
    await target.shell(command, socket, socket, socket, interactive=not command)


async def serve_v2(target: Target, command: str, socket: AdbSocket, *, has_terminal: bool) -> None:
    """Run `command` with its standard streams and exit status in packets of their own."""
    stdout = _PacketWriter(socket, _STDOUT)
    stderr = _PacketWriter(socket, _STDERR)
    status = await target.shell(
        command, _PacketReader(socket), stdout, stderr, interactive=has_terminal and not command
    )
    await _PacketWriter(socket, _EXIT).write(bytes([status & 0xFF]))


class _PacketWriter:
    """One outgoing standard stream."""

    def __init__(self, socket: AdbSocket, number: int) -> None:
        self._socket = socket
        self._number = number

    async def write(self, data: bytes) -> None:
        for start in range(0, len(data), _PIECE):
            piece = data[start : start + _PIECE]
            await self._socket.write(_HEADER.pack(self._number, len(piece)) + piece)


class _PacketReader:
    """The command's stdin, unpacked as it is read."""

    def __init__(self, socket: AdbSocket) -> None:
        self._socket = socket
        self._buffer = bytearray()
        self._has_ended = False
        self._lock = asyncio.Lock()  # the commands of a pipeline may share one stdin

    async def read(self, n: int = -1) -> bytes:
        """Return at least one and at most `n` bytes, b"" at the end; all of it with -1."""
        async with self._lock:
            while not self._has_ended and (n < 0 or not self._buffer):
                await self._next_packet()
            return self._take(len(self._buffer) if n < 0 else n)

    async def readline(self) -> bytes:
        """Return bytes up to and with the next newline, or what is left at the end."""
        async with self._lock:
            while (end := self._buffer.find(b"\n")) < 0 and not self._has_ended:
                await self._next_packet()
            return self._take(end + 1 if end >= 0 else len(self._buffer))

    async def _next_packet(self) -> None:
        """Take in one packet; window sizes and unknown ones are nothing to us."""
        try:
            number, length = _HEADER.unpack(await self._socket.read_exactly(_HEADER.size))
            if length > _MAX_PACKET:
                raise EOFError(f"shell packet announces {length} bytes, limit is {_MAX_PACKET}")
            payload = await self._socket.read_exactly(length)
        except EOFError:
            self._has_ended = True
            return
        if number == _STDIN:
            self._buffer += payload
        elif number == _CLOSE_STDIN:
            self._has_ended = True

    def _take(self, n: int) -> bytes:
        data = bytes(memoryview(self._buffer)[:n])
        del self._buffer[:n]
        return data
