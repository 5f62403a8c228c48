"""Free TCP ports on the loopback interface."""

import errno
import socket

from fleet.local.errors import LocalFarmError

LOOPBACK = "127.0.0.1"
# An adb server scans the odd ports in here and lists what answers a second time.
SCANNED_BY_ADB = range(5555, 5586)


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


def any_free() -> int:
    """Return a port that the kernel finds free."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _bind(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((LOOPBACK, port))
