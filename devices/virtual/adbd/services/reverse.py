"""reverse: the phone listens on one of its own addresses and hands connections to the host."""

import asyncio
from collections.abc import Awaitable, Callable

from devices.virtual.adbd.socket import AdbSocket
from devices.virtual.userspace.sockets import Duplex, SocketNamespace, is_address

_PIECE = 256 * 1024


class Reverse:
    """The reverse forwards of one connection; they vanish with it."""

    def __init__(
        self, sockets: SocketNamespace, open_on_host: Callable[[str], Awaitable[AdbSocket]]
    ) -> None:
        self._sockets = sockets
        self._open_on_host = open_on_host
        self._remotes: dict[str, str] = {}  # local address -> what the host opens

    def add(self, local: str, remote: str, *, may_rebind: bool) -> str:
        """Forward the phone's `local` to the host's `remote`; return the address it got.

        Raises:
            OSError: if the address is taken or is no address.
        """
        if may_rebind and local in self._remotes:
            self.remove(local)

        async def accept(near: Duplex) -> None:
            await _relay(near, await self._open_on_host(remote))

        address = self._sockets.listen(local, accept)
        self._remotes[address] = remote
        return address

    def remove(self, local: str) -> bool:
        """Stop forwarding `local`; say whether it was forwarded."""
        if self._remotes.pop(local, None) is None:
            return False
        self._sockets.close(local)
        return True

    def clear(self) -> None:
        """Stop forwarding anything."""
        for local in list(self._remotes):
            self.remove(local)

    def lines(self) -> str:
        """Return one line per forward, as `adb reverse --list` prints them."""
        return "".join(f"(reverse) {near} {far}\n" for near, far in self._remotes.items())


async def serve(reverses: Reverse, request: str, socket: AdbSocket) -> None:
    """Answer one request of `adb reverse`."""
    await socket.write(_answer(reverses, request))


def _answer(reverses: Reverse, request: str) -> bytes:
    kind, _, rest = request.partition(":")
    match kind:
        case "forward":
            return _forward(reverses, rest)
        case "list-forward":
            return _counted(reverses.lines())
        case "killforward":
            known = reverses.remove(rest)
            return b"OKAY" if known else _failure(f"listener '{rest}' not found")
        case "killforward-all":
            reverses.clear()
            return b"OKAY"
        case _:
            return _failure(f"unknown reverse request {kind}")


def _forward(reverses: Reverse, rest: str) -> bytes:
    may_rebind = not rest.startswith("norebind:")
    local, _, remote = rest.removeprefix("norebind:").partition(";")
    if not is_address(local):
        return _failure(f"cannot bind listener: unsupported address '{local}'")
    try:
        address = reverses.add(local, remote, may_rebind=may_rebind)
    except OSError as error:
        return _failure(f"cannot bind listener: {error.strerror}")
    port = address.removeprefix("tcp:") if local == "tcp:0" else ""
    return b"OKAY" + (_counted(port) if port else b"")


def _counted(text: str) -> bytes:
    data = text.encode()
    return f"{len(data):04x}".encode() + data


def _failure(reason: str) -> bytes:
    return b"FAIL" + _counted(reason)


async def _relay(near: Duplex, far: Duplex) -> None:
    """Copy both ways until both sides have said all."""
    await asyncio.gather(_copy(near, far), _copy(far, near))


async def _copy(source: Duplex, sink: Duplex) -> None:
    try:
        while data := await source.read(_PIECE):
            await sink.write(data)
    except BrokenPipeError:
        pass
    finally:
        sink.close()
