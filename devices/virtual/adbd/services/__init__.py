"""What a host may open on a phone: one table from service names to coroutines."""

from collections.abc import Callable, Coroutine

from devices.virtual.adbd.services import control, reverse, shell, sync
from devices.virtual.adbd.services.reverse import Reverse
from devices.virtual.adbd.socket import AdbSocket
from devices.virtual.adbd.target import Target

Service = Callable[[AdbSocket], Coroutine[None, None, None]]


def find(name: str, target: Target, reverses: Reverse) -> Service | None:
    """Return the service called `name`, or None if this phone has no such thing."""
    kind, _, rest = name.partition(":")
    match kind.partition(",")[0], rest:
        case "shell", command if kind.startswith("shell,") and "v2" in kind.split(","):
            has_terminal = "raw" not in kind.split(",")
            return lambda socket: shell.serve_v2(target, command, socket, has_terminal=has_terminal)
        case (("shell" | "exec"), command):
            return lambda socket: shell.serve_raw(target, command, socket)
        case "sync", "":
            return lambda socket: sync.serve(target.files, socket)
        case "reverse", request:
            return lambda socket: reverse.serve(reverses, request, socket)
        case (("root" | "unroot" | "remount" | "reboot"), _):
            return lambda socket: control.serve(target, kind, socket)
        case (("tcp" | "localabstract"), _):
            return _listener(name, target)
        case _:
            return None


def _listener(address: str, target: Target) -> Service | None:
    """Return whoever listens on `address` inside the phone; never look at the host's sockets."""
    accept = target.sockets.acceptor(address)
    if accept is None:
        return None

    async def serve(socket: AdbSocket) -> None:
        await accept(socket)

    return serve
