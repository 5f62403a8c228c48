"""Free TCP ports on the loopback interface."""

import errno
import socket

from fleet.local.errors import LocalFarmError

LOOPBACK = "127.0.0.1"


def require_free(port: int) -> None:
    """Refuse with a sentence when nothing can listen on `port`."""
    try:
        _bind(port)
    except OSError as error:
        reason = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be used ({error})"
        raise LocalFarmError(f"port {port} {reason}; name another one with --port") from error


def is_free(port: int) -> bool:
    """Say whether something could listen on `port` now."""
    try:
        _bind(port)
    except OSError:
        return False
    return True


def any_free() -> int:
    """Return a port that the kernel finds free."""
    with reserved() as probe:
        return number_of(probe)


def reserved(start: int = 0) -> socket.socket:
    """Return a socket that keeps its port from being chosen by others; close it in the end.

    It has the first free port from `start` on, or any. It is bound alone, so no two can choose the
    same; it does not listen, and from then on shares its address (SO_REUSEADDR): who is told the
    port can listen there, again and again.
    """
    for port in range(start, 65536) if start else (0,):
        holder = socket.socket()
        try:
            holder.bind((LOOPBACK, port))
        except OSError:
            holder.close()
        else:
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            return holder
    raise LocalFarmError(f"no free port from {start} on")


def number_of(bound: socket.socket) -> int:
    """Return the port of a socket."""
    return int(bound.getsockname()[1])


def _bind(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((LOOPBACK, port))
