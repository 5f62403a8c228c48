"""The phone's own socket names: tcp:PORT and localabstract:NAME, never a socket of the host."""

import errno
import itertools
from collections.abc import Awaitable, Callable
from typing import Protocol

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

    def _free_port(self) -> str:
        ports = itertools.count(_FIRST_FREE_PORT)
        return next(name for port in ports if (name := f"tcp:{port}") not in self._listeners)


def is_address(address: str) -> bool:
    """Say whether `address` names a socket that can exist inside a phone."""
    kind, _, name = address.partition(":")
    if kind == "tcp":
        return name.isascii() and name.isdigit() and int(name) <= _LAST_PORT
    return kind == "localabstract" and 0 < len(name) <= 107
