"""Requests to an adb server over raw sockets: a timeout on each, never a server started."""

import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from devices.adb.errors import failure, unreachable
from devices.errors import TransientDeviceError

DEFAULT_PORT = 5037
CONNECT_LIMIT_S = 12.0  # a port that accepts and says nothing blocks the server for ten
REQUEST_LIMIT_S = 5.0
_MAX_BLOCK = 0xFFFF  # four hexadecimal digits
_CONNECTED = re.compile(r"^(already )?connected to ")


@dataclass(frozen=True, slots=True)
class AdbAddress:
    """Where an adb server listens."""

    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT

    @classmethod
    def from_environment(cls) -> "AdbAddress":
        """Return the server that adb's own environment variables name."""
        host = os.environ.get("ANDROID_ADB_SERVER_HOST") or "127.0.0.1"
        return cls(host, int(os.environ.get("ANDROID_ADB_SERVER_PORT") or DEFAULT_PORT))

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class AdbSocket:
    """One connection to an adb server: requests, their answers, then whatever the service says."""

    def __init__(self, server: AdbAddress, timeout_s: float) -> None:
        self._server = server
        try:
            self.tcp = socket.create_connection((server.host, server.port), timeout_s)
        except OSError as error:
            raise unreachable(str(server), error) from error
        self.tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> "AdbSocket":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; a service on it is cancelled."""
        self.tcp.close()

    def request(self, text: str) -> None:
        """Send one request and take its OKAY.

        Raises:
            DeviceError: what the server's FAIL says.
        """
        data = text.encode()
        self.send(f"{len(data):04x}".encode() + data)
        self.take_okay(text)

    def take_okay(self, asked: str) -> None:
        """Take OKAY, or raise what FAIL says about what was `asked`."""
        status = self.read_exactly(4)
        if status == b"FAIL":
            raise failure(self.read_block(), asked)
        if status != b"OKAY":
            raise TransientDeviceError(f"adb server {self._server} answered {status!r} to {asked}")

    def send(self, data: bytes) -> None:
        """Send bytes."""
        try:
            self.tcp.sendall(data)
        except OSError as error:
            raise unreachable(str(self._server), error) from error

    def read(self, limit: int) -> bytes:
        """Return what comes next, b"" at the end.

        Raises:
            TimeoutError: if nothing comes in time.
        """
        try:
            return self.tcp.recv(limit)
        except TimeoutError:
            raise
        except OSError as error:
            raise unreachable(str(self._server), error) from error

    def read_exactly(self, count: int) -> bytes:
        """Return exactly `count` bytes."""
        pieces = bytearray()
        while len(pieces) < count:
            try:
                piece = self.read(count - len(pieces))
            except TimeoutError as error:
                raise unreachable(str(self._server), error) from error
            if not piece:
                raise TransientDeviceError(
                    f"adb stream ends after {len(pieces)} bytes, expected {count} bytes"
                )
            pieces += piece
        return bytes(pieces)

    def read_block(self) -> str:
        """Return a text that comes with its length in front."""
        digits = self.read_exactly(4)
        try:
            length = int(digits, 16)
        except ValueError:
            raise TransientDeviceError(f"adb server announced a length of {digits!r}") from None
        return self.read_exactly(min(length, _MAX_BLOCK)).decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class AdbClient:
    """What can be asked of one adb server."""

    server: AdbAddress

    def ask(self, text: str, timeout_s: float = REQUEST_LIMIT_S) -> str:
        """Send a request that is answered with one text."""
        with AdbSocket(self.server, timeout_s) as connection:
            connection.request(text)
            return connection.read_block()

    def features(self, transport_id: int) -> frozenset[str]:
        """Return the features that server and phone have in common."""
        return frozenset(self.ask(f"host-transport-id:{transport_id}:features").split(","))

    def connect_endpoint(self, endpoint: str, timeout_s: float = CONNECT_LIMIT_S) -> None:
        """Connect the server to a phone on TCP and wait until it can be used.

        Raises:
            TransientDeviceError: nobody answers there, or it is not authorized.
        """
        answer = self.ask(f"host:connect:{endpoint}", timeout_s)
        if not _CONNECTED.match(answer):
            raise failure(answer, f"connect {endpoint}")
        self.wait_for(endpoint, "device", timeout_s)

    def disconnect_endpoint(self, endpoint: str) -> None:
        """Forget a phone on TCP; one that the server does not know is forgotten already."""
        try:
            self.ask(f"host:disconnect:{endpoint}")
        except TransientDeviceError as error:
            if "no such device" not in str(error.detail):
                raise

    def wait_for(self, serial: str, state: str, timeout_s: float) -> None:
        """Wait until the server lists `serial` in `state`."""
        asked = f"host-serial:{serial}:wait-for-any-{state}"
        with AdbSocket(self.server, timeout_s) as connection:
            connection.request(asked)
            connection.take_okay(asked)

    @contextmanager
    def service(self, transport_id: int, name: str, timeout_s: float) -> Iterator[AdbSocket]:
        """Open a service of a phone; leaving closes it."""
        connection = self.open(transport_id, name, timeout_s)
        try:
            yield connection
        finally:
            connection.close()

    def open(self, transport_id: int, name: str, timeout_s: float) -> AdbSocket:
        """Open a service and return its stream; serials may repeat, transports do not."""
        connection = AdbSocket(self.server, timeout_s)
        try:
            connection.request(f"host:transport-id:{transport_id}")
            connection.request(name)
        except BaseException:
            connection.close()
            raise
        return connection


def connect_endpoint(endpoint: str, server: AdbAddress | None = None) -> None:
    """Connect an adb server to a phone on TCP, as `AdbClient.connect_endpoint`."""
    AdbClient(server or AdbAddress.from_environment()).connect_endpoint(endpoint)
