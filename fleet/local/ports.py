"""Free TCP ports on the loopback interface."""

import errno
import socket
from pathlib import Path

from devices.clock import HOST
from fleet.local.errors import LocalFarmError

LOOPBACK = "127.0.0.1"
# An adb server scans the odd ports in here and lists what answers a second time.
SCANNED_BY_ADB = range(5555, 5586)
_PATIENCE_S = 3.0  # a farm that was killed needs so long at most to let go of its ports
_LOOK_S = 0.1


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


def first_free(start: int, count: int = 1) -> int:
    """Return the first port from `start` on that begins a block of `count` free ports."""
    for port in range(start, 65536 - count):
        block = range(port, port + count)
        if not any(p in SCANNED_BY_ADB or not is_free(p) for p in block):
            return port
    raise LocalFarmError(f"no {count} free ports from {start} on")


def same_as_before(memory: Path, start: int, count: int) -> int:
    """Return the first of `count` free ports, the same ones each time while they can be had.

    What listens there is known by its port, to adb and in every run that waits for it.
    """
    before = _remembered(memory)
    if before is not None and _become_free(range(before, before + count)):
        return before
    first = first_free(start, count)
    memory.write_text(str(first))
    return first


def any_free() -> int:
    """Return a port that the kernel finds free."""
    with reserved() as probe:
        return number_of(probe)


def reserved() -> socket.socket:
    """Return a socket that keeps its port from being chosen by others; close it in the end.

    It does not listen, so who shares the address (SO_REUSEADDR) can listen there, again and again.
    """
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind((LOOPBACK, 0))
    return holder


def number_of(bound: socket.socket) -> int:
    """Return the port of a socket."""
    return int(bound.getsockname()[1])


def _remembered(memory: Path) -> int | None:
    try:
        return int(memory.read_text())
    except (OSError, ValueError):
        return None


def _become_free(block: range) -> bool:
    for _ in range(round(_PATIENCE_S / _LOOK_S)):
        if all(map(is_free, block)):
            return True
        HOST.wait(_LOOK_S)
    return False


def _bind(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((LOOPBACK, port))
