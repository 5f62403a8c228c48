"""Where a run finds its segment server: the farm's, or one that lives as long as the run."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from devices.agent.peer import Address
from devices.errors import StableDeviceError

ADDRESS_VARIABLE = "SIMMER_SEGMENT_SERVER"  # host:port
TOKEN_VARIABLE = "SIMMER_SEGMENT_TOKEN"
_START_LIMIT_S = 30.0
_END_LIMIT_S = 5.0


@dataclass(frozen=True, slots=True)
class Service:
    """A segment server that runs."""

    address: Address
    token: str
    pid: int = 0  # of one's own

    def kill(self, number: int) -> None:
        """Send a signal to a server of one's own."""
        os.kill(self.pid, number)


def from_environment() -> Service | None:
    """Return the farm's server, if this process was told of one."""
    text = os.environ.get(ADDRESS_VARIABLE, "")
    if not text:
        return None
    host, _, port = text.rpartition(":")
    if not port.isdecimal():
        raise StableDeviceError(f"{ADDRESS_VARIABLE} must be HOST:PORT, not {text!r}")
    return Service(Address(host, int(port)), os.environ.get(TOKEN_VARIABLE, ""))


@contextmanager
def beside(*options: str, token: str = "") -> Iterator[Service]:
    """Run a server of one's own for as long as the context lasts."""
    token = token or secrets.token_hex(16)
    child = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.cloud", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, TOKEN_VARIABLE: token},
        text=True,
    )
    try:
        yield Service(_announced(child), token, child.pid)
    finally:
        child.terminate()
        try:
            child.wait(_END_LIMIT_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        assert child.stdout
        child.stdout.close()


def _announced(child: "subprocess.Popen[str]") -> Address:
    assert child.stdout
    words = child.stdout.readline().split()
    if len(words) != 2 or child.stdout.readline().strip() != "ready":
        raise StableDeviceError(
            "the segment server did not start: run `python -m benchmarks.cloud`"
        )
    return Address(words[0], int(words[1]))
