"""Sans-I/O state machine of one adbd connection: who may say what when lives here alone."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from devices.virtual.adbd.packets import (
    MAX_PAYLOAD,
    VERSION,
    Command,
    Packet,
    PacketReader,
    ProtocolError,
)

MAX_STREAMS = 256  # a security limit
SMALLEST_PAYLOAD = 4096  # what the very first ADB versions could take
TOKEN_BYTES = 20
_AUTH_TOKEN, _AUTH_SIGNATURE, _AUTH_PUBLIC_KEY = 1, 2, 3


class State(Enum):
    """How far the two sides know each other."""

    GREETING = "greeting"  #: the host's CNXN is awaited
    AUTHORIZING = "authorizing"  #: the host must be let in by the phone's user
    CONNECTED = "connected"  #: streams may be opened
    CLOSED = "closed"  #: nothing more may come


_MAY_COME: dict[State, frozenset[Command]] = {
    State.GREETING: frozenset({Command.CNXN}),
    State.AUTHORIZING: frozenset({Command.CNXN, Command.AUTH}),
    State.CONNECTED: frozenset(
        {Command.CNXN, Command.AUTH, Command.OPEN, Command.OKAY, Command.WRTE, Command.CLSE}
    ),
    State.CLOSED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Opened:
    """The host wants `service` on stream `local`; answer with `accept` or `refuse`."""

    local: int
    service: str


@dataclass(frozen=True, slots=True)
class Established:
    """The host accepted the stream that we opened."""

    local: int


@dataclass(frozen=True, slots=True)
class Received:
    """Data came; call `acknowledge` once there is room for more."""

    local: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Drained:
    """The host took a piece, so less is queued than before."""

    local: int


@dataclass(frozen=True, slots=True)
class Closed:
    """The host closed the stream or refused the one that we opened."""

    local: int


Event = Opened | Established | Received | Drained | Closed


@dataclass(slots=True)
class _Stream:
    local: int
    remote: int  # 0 until the host has accepted what we opened
    is_clear: bool = False  # the host is ready for one WRTE
    is_closing: bool = False
    outbox: bytearray = field(default_factory=bytearray)


class Connection:
    """One host's connection: feed it bytes, act on its events, send what it has to say."""

    def __init__(self, banner: str, token: Callable[[], bytes], *, is_open: bool = True) -> None:
        self.state = State.GREETING
        self._is_open = is_open  # False: no user has let this host in
        self._banner = banner.encode()
        self._token = token
        self._reader = PacketReader()
        self._output: list[bytes] = []
        self._streams: dict[int, _Stream] = {}
        self._last_local = 0
        self._limit = SMALLEST_PAYLOAD
        self._with_checksum = False

    def receive(self, data: bytes) -> list[Event]:
        """Take bytes from the host and return what happened.

        Raises:
            ProtocolError: drop the connection.
        """
        events: list[Event] = []
        for packet in self._reader.feed(data):
            if packet.command not in _MAY_COME[self.state]:
                raise ProtocolError(f"{packet.command.name} may not come while {self.state.value}")
            events += self._handle(packet)
        return events

    def take_output(self) -> bytes:
        """Return and forget the bytes that must go to the host."""
        output = b"".join(self._output)
        self._output.clear()
        return output

    def authorize(self) -> None:
        """Let the host in, as if the phone's user had tapped on Allow."""
        self._is_open = True
        if self.state is State.AUTHORIZING:
            self._greet()

    def open(self, service: str) -> int:
        """Ask the host for `service` and return our number of the new stream."""
        stream = self._new_stream(remote=0)
        self._send(Command.OPEN, stream.local, 0, service.encode() + b"\0")
        return stream.local

    def accept(self, local: int) -> bool:
        """Tell the host that its stream is open; False if the host has closed it meanwhile."""
        stream = self._streams.get(local)
        if stream is None:
            return False
        stream.is_clear = True
        self._send(Command.OKAY, local, stream.remote)
        return True

    def refuse(self, local: int) -> None:
        """Tell the host that there is no such service."""
        stream = self._streams.pop(local, None)
        if stream is not None:
            self._send(Command.CLSE, 0, stream.remote)

    def acknowledge(self, local: int) -> None:
        """Ask for the stream's next piece of data."""
        stream = self._streams.get(local)
        if stream is not None:
            self._send(Command.OKAY, local, stream.remote)

    def write(self, local: int, data: bytes) -> None:
        """Queue data of a stream; it leaves in pieces as large as the host takes them."""
        stream = self._streams[local]
        stream.outbox += data
        self._pump(stream)

    def queued(self, local: int) -> int:
        """Return how many bytes of a stream have not left yet."""
        stream = self._streams.get(local)
        return len(stream.outbox) if stream else 0

    def close(self, local: int) -> None:
        """Close a stream once the host has taken all that was written to it."""
        stream = self._streams.get(local)
        if stream is not None:
            stream.is_closing = True
            self._pump(stream)

    def _handle(self, packet: Packet) -> list[Event]:
        match packet.command:
            case Command.CNXN:
                return self._on_connect(packet)
            case Command.AUTH:
                return self._on_auth(packet)
            case Command.OPEN:
                return self._on_open(packet)
            case Command.OKAY:
                return self._on_okay(packet)
            case Command.WRTE:
                return self._on_write(packet)
            case _:
                return self._on_close(packet)

    def _on_connect(self, packet: Packet) -> list[Event]:
        """Learn the host's limits; a second CNXN starts over, as a real adbd does."""
        if packet.arg1 < SMALLEST_PAYLOAD:
            raise ProtocolError(f"host takes {packet.arg1} bytes, at least {SMALLEST_PAYLOAD}")
        closed = [Closed(local) for local in self._streams]
        self._streams.clear()
        self._with_checksum = packet.arg0 < VERSION
        self._limit = min(packet.arg1, MAX_PAYLOAD)
        if self._is_open:
            self._greet()
        else:
            self.state = State.AUTHORIZING
            self._challenge()
        return list(closed)

    def _on_auth(self, packet: Packet) -> list[Event]:
        """Refuse every signature; a public key waits for the user, or comes too late."""
        if packet.arg0 not in (_AUTH_SIGNATURE, _AUTH_PUBLIC_KEY):
            raise ProtocolError(f"AUTH of type {packet.arg0}")
        # What was on its way when the user let the host in asks for nothing any more.
        if packet.arg0 == _AUTH_SIGNATURE and self.state is State.AUTHORIZING:
            self._challenge()
        return []

    def _on_open(self, packet: Packet) -> list[Event]:
        if packet.arg0 == 0:
            raise ProtocolError("OPEN of stream 0")
        stream = self._new_stream(remote=packet.arg0)
        service = packet.data.rstrip(b"\0").decode("utf-8", "surrogateescape")
        return [Opened(stream.local, service)]

    def _on_okay(self, packet: Packet) -> list[Event]:
        stream = self._streams.get(packet.arg1)
        if stream is None:
            return []
        is_new = stream.remote == 0
        stream.remote = packet.arg0
        stream.is_clear = True
        self._pump(stream)
        return [Established(stream.local) if is_new else Drained(stream.local)]

    def _on_write(self, packet: Packet) -> list[Event]:
        stream = self._streams.get(packet.arg1)
        if stream is None:
            self._send(Command.CLSE, 0, packet.arg0)
            return []
        if stream.remote == 0:
            raise ProtocolError("WRTE on a stream that the host has not accepted")
        if stream.is_closing:
            # Swallowed, not refused: a CLSE now would cut off what we still have to say.
            self._send(Command.OKAY, stream.local, stream.remote)
            return []
        return [Received(stream.local, packet.data)]

    def _on_close(self, packet: Packet) -> list[Event]:
        stream = self._streams.pop(packet.arg1, None)
        return [] if stream is None else [Closed(stream.local)]

    def _new_stream(self, remote: int) -> _Stream:
        if len(self._streams) >= MAX_STREAMS:
            raise ProtocolError(f"more than {MAX_STREAMS} streams on one connection")
        self._last_local += 1
        stream = _Stream(self._last_local, remote)
        self._streams[stream.local] = stream
        return stream

    def _pump(self, stream: _Stream) -> None:
        """Send the next piece if the host is ready for it; when it has taken all, CLSE.

        A CLSE behind an unacknowledged piece would leave it to the host whether that piece counts.
        """
        if not stream.is_clear:
            return
        if stream.outbox:
            piece = bytes(memoryview(stream.outbox)[: self._limit])
            del stream.outbox[: len(piece)]
            stream.is_clear = False
            self._send(Command.WRTE, stream.local, stream.remote, piece)
        elif stream.is_closing:
            self._streams.pop(stream.local, None)
            self._send(Command.CLSE, stream.local, stream.remote)

    def _greet(self) -> None:
        self.state = State.CONNECTED
        self._send(Command.CNXN, VERSION, MAX_PAYLOAD, self._banner)

    def _challenge(self) -> None:
        self._send(Command.AUTH, _AUTH_TOKEN, 0, self._token())

    def _send(self, command: Command, arg0: int, arg1: int, data: bytes = b"") -> None:
        packet = Packet(command, arg0, arg1, data)
        self._output.append(packet.serialize(with_checksum=self._with_checksum))
