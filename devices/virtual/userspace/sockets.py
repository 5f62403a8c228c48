"""The phone's own socket names: tcp:PORT and localabstract:NAME, never a socket of the host."""

import asyncio
import contextlib
import errno
import itertools
from collections.abc import Awaitable, Callable
from typing import Protocol

from devices.virtual.userspace.streams import Pipe

_SOCKET_BYTES = 256 * 1024  # on their way in one direction
_FIRST_FREE_PORT = 32768  # where Linux starts to give out ports
_LAST_PORT = 65535


class Duplex(Protocol):
    """Both directions of one byte stream."""

    async def read(self, n: int = -1) -> bytes:
        """Return up to `n` bytes, b"" at the end."""

    async def readline(self) -> bytes:
        """Return bytes up to and with the next newline."""

    async def write(self, data: bytes) -> None:
        """Send `data`; raises BrokenPipeError when the other side is gone."""

    def close(self) -> None:
        """Close from this side, after what was written."""


Acceptor = Callable[[Duplex], Awaitable[None]]  # serves one connection, returns at its end


class SocketNamespace:
    """Who listens where inside one phone; two phones may use the same port."""

    def __init__(self) -> None:
        self._listeners: dict[str, Acceptor] = {}
        self._serving: set[asyncio.Task[None]] = set()

    def listen(self, address: str, accept: Acceptor) -> str:
        """Listen on `address` and return it, with the port filled in for `tcp:0`.

        Raises:
            OSError: EADDRINUSE if somebody listens there, EINVAL if there is no such address.
        """
        if not is_address(address):
            raise OSError(errno.EINVAL, "Invalid argument", address)
        if address == "tcp:0":
            address = self._free_port()
        if address in self._listeners:
            raise OSError(errno.EADDRINUSE, "Address already in use", address)
        self._listeners[address] = accept
        return address

    def close(self, address: str) -> None:
        """Stop listening on `address`, if somebody does."""
        self._listeners.pop(address, None)

    def acceptor(self, address: str) -> Acceptor | None:
        """Return who serves connections to `address`."""
        return self._listeners.get(address)

    def dial(self, address: str) -> Duplex:
        """Connect from inside the phone; needs a running event loop.

        Raises:
            OSError: ECONNREFUSED if nobody listens on `address`.
        """
        accept = self.acceptor(address)
        if accept is None:
            raise OSError(errno.ECONNREFUSED, "Connection refused", address)
        there, back = Pipe(_SOCKET_BYTES), Pipe(_SOCKET_BYTES)
        far = _End(there, back)
        task = asyncio.get_running_loop().create_task(_served(accept, far))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        return _End(back, there)

    def _free_port(self) -> str:
        ports = itertools.count(_FIRST_FREE_PORT)
        return next(name for port in ports if (name := f"tcp:{port}") not in self._listeners)


class _End:
    """One end of a connection inside the phone."""

    def __init__(self, incoming: Pipe, outgoing: Pipe) -> None:
        self._incoming, self._outgoing = incoming, outgoing

    async def read(self, n: int = -1) -> bytes:
        return await self._incoming.read(n)

    async def readline(self) -> bytes:
        return await self._incoming.readline()

    async def write(self, data: bytes) -> None:
        await self._outgoing.write(data)

    def close(self) -> None:
        self._outgoing.end()
        self._incoming.abandon()


async def _served(accept: Acceptor, end: _End) -> None:
    """Let a listener serve a connection; one that cannot hangs up."""
    with contextlib.suppress(OSError):
        await accept(end)
    end.close()


def is_address(address: str) -> bool:
    """Say whether `address` names a socket that can exist inside a phone."""
    kind, _, name = address.partition(":")
    if kind == "tcp":
        return name.isascii() and name.isdigit() and int(name) <= _LAST_PORT
    return kind == "localabstract" and 0 < len(name) <= 107
