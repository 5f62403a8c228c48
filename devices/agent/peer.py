"""The agent's side of a tensor connection over TCP: dial, greet, ask; back off after failures."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from devices.agent.tensors import Frame, FrameError, FrameReader, Kind, text_frame
from devices.clock import HOST, NS_PER_S

PROTOCOL = 1
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0  # before the connection is tried again
_CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Address:
    """Where a peer listens; numeric, because a phone's agent has no resolver."""

    host: str
    port: int


class PeerError(Exception):
    """The peer gave no answer; `code` is a word of the agent's table: connect, io, timeout …"""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Peer:
    """One connection; not to be shared between threads."""

    def __init__(self, address: Address, greeting: Mapping[str, Any], timeout_s: float) -> None:
        self.facts: Mapping[str, Any] = {}  # what HELLO_OK told
        self._address = address
        self._greeting = greeting
        self._timeout_s = timeout_s
        self._socket: socket.socket | None = None
        self._reader = FrameReader()
        self._pause_s = 0.0
        self._retry_ns = 0

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection that has not failed yet."""
        return self._socket is not None

    def ask(self, frame: Frame, timeout_s: float | None = None) -> Frame:
        """Send a request and return its answer; dials first where that is due."""
        deadline_ns = HOST.now_ns() + round((timeout_s or self._timeout_s) * NS_PER_S)
        with self._guarded():
            self._dial()
            self._send(frame, deadline_ns)
            return self._await(frame.number, deadline_ns)

    def dial(self) -> None:
        """Connect and greet, unless that is done; PeerError while a pause lasts."""
        with self._guarded():
            self._dial()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Hang up after a failure of any kind, and say which it was."""
        try:
            yield
        except FrameError as error:
            self._fail()
            raise PeerError("io", str(error)) from error
        except TimeoutError as error:
            self._fail()
            raise PeerError("timeout", "the peer did not answer in time") from error
        except OSError as error:
            self._fail()
            raise PeerError("io", f"the connection broke: {error.strerror or error}") from error

    def _dial(self) -> None:
        if self._socket is not None:
            return
        if HOST.now_ns() < self._retry_ns:
            raise PeerError("connect", "the peer was away a moment ago")
        address = (self._address.host, self._address.port)
        try:
            self._socket = socket.create_connection(address, self._timeout_s)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            self._fail()
            raise PeerError("connect", f"{address[0]}:{address[1]}: {error}") from error
        self._reader = FrameReader()
        deadline_ns = HOST.now_ns() + round(self._timeout_s * NS_PER_S)
        self._send(text_frame(Kind.HELLO, {"proto": PROTOCOL, **self._greeting}), deadline_ns)
        self.facts = self._await(0, deadline_ns).text
        self._pause_s = 0.0

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _fail(self) -> None:
        """Hang up and wait longer each time before the next try."""
        self.close()
        self._pause_s = min(max(FIRST_PAUSE_S, 2 * self._pause_s), LONGEST_PAUSE_S)
        self._retry_ns = HOST.now_ns() + round(self._pause_s * NS_PER_S)

    def _send(self, frame: Frame, deadline_ns: int) -> None:
        assert self._socket is not None
        self._socket.settimeout(_left_s(deadline_ns))
        self._socket.sendall(replace(frame, t_send_ns=HOST.now_ns()).encode())

    def _await(self, number: int, deadline_ns: int) -> Frame:
        assert self._socket is not None
        while True:
            self._socket.settimeout(_left_s(deadline_ns))
            data = self._socket.recv(_CHUNK)
            if not data:
                raise FrameError("the peer hung up")
            for frame in self._reader.feed(data):
                if frame.kind is Kind.ERROR:
                    self._refused(frame)
                if frame.number == number:  # an older one has been given up already
                    return frame

    def _refused(self, frame: Frame) -> None:
        code = str(frame.text.get("code"))
        if frame.number == 0:
            self._fail()
        raise PeerError(code, f"the peer refuses: {frame.text.get('msg', '')}")


def _left_s(deadline_ns: int) -> float:
    left_s = (deadline_ns - HOST.now_ns()) / NS_PER_S
    if left_s <= 0:
        raise TimeoutError
    return left_s
