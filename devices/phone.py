"""One phone, the one door: run a command, push, pull, open a stream, ask for its time."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field

from devices.adb import sync
from devices.adb.client import AdbAddress, AdbClient
from devices.adb.errors import failure
from devices.adb.listing import Listed
from devices.adb.shell import ByteStream
from devices.adb.tracking import devices
from devices.clock import HOST, NS_PER_S
from devices.errors import DeviceError, StableDeviceError, TransientDeviceError

MAX_OUTPUT = 1 << 20  # a security limit on what one command may answer [bytes]
_TRANSFER_LIMIT_S = 15.0  # without progress: no call under a lease may block for longer
_OPEN_LIMIT_S = 10.0
_KILLED = 128  # a status above it is a signal's number plus this


@dataclass(frozen=True, slots=True)
class Completed:
    """A command that has run on the phone."""

    argv: tuple[str, ...]
    stdout: str
    stderr: str
    returncode: int


@dataclass(frozen=True, slots=True)
class Phone:
    """One connected phone, addressed through an adb server."""

    serial: str
    transport_id: int
    _client: AdbClient = field(repr=False)

    def __enter__(self) -> "Phone":
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing stays open between calls."""

    @property
    def server(self) -> AdbAddress:
        """The adb server in between."""
        return self._client.server

    def run(
        self, argv: Sequence[str], *, timeout_s: float = 15.0, check: bool = False
    ) -> Completed:
        """Run a list of words on the phone; each arrives as one word, whatever is in it.

        Raises:
            TransientDeviceError: if the link breaks or the command takes too long.
            StableDeviceError: with `check`, if its exit status is not 0.
        """
        deadline = HOST.now_ns() + round(timeout_s * NS_PER_S)
        with self.open_stream(argv, timeout_s=timeout_s) as stream:
            stream.close_stdin()
            output = _read_all(stream, deadline, quoted(argv))
        if stream.returncode is None:
            raise TransientDeviceError(f"{self.serial} went away while it ran {quoted(argv)}.")
        completed = Completed(tuple(argv), _text(output), _text(stream.stderr()), stream.returncode)
        if check and completed.returncode != 0:
            raise StableDeviceError(
                f"{quoted(argv)} ended with {completed.returncode} on {self.serial}: "
                f"{completed.stderr.strip() or completed.stdout.strip() or 'no message'}"
            )
        return completed

    def text_of(self, argv: Sequence[str], *, timeout_s: float = 15.0) -> str:
        """Return what a reading command printed, whatever its status.

        Raises:
            TransientDeviceError: as `run`, and if the command was killed: then its text may be cut.
        """
        completed = self.run(argv, timeout_s=timeout_s)
        if completed.returncode > _KILLED:
            raise TransientDeviceError(
                f"{quoted(argv)} was killed on {self.serial} (status {completed.returncode}); "
                "what it had printed is not the whole."
            )
        return completed.stdout

    def open_stream(self, argv: Sequence[str], *, timeout_s: float = _OPEN_LIMIT_S) -> ByteStream:
        """Start a program on the phone and return its standard streams."""
        service = f"shell,v2,raw:{quoted(argv)}"
        return ByteStream(self._client.open(self.transport_id, service, timeout_s), timeout_s)

    def reverse(self, port: int) -> None:
        """Let connections to the phone's own `tcp:port` come out at the adb server's machine.

        Raises:
            DeviceError: if the phone uses that port itself.
        """
        service = f"reverse:forward:tcp:{port};tcp:{port}"
        with self._client.service(self.transport_id, service, _OPEN_LIMIT_S) as connection:
            connection.take_okay(service)

    def unreverse(self, port: int) -> None:
        """Undo `reverse`; one that is gone already is gone.

        Raises:
            DeviceError: if the link breaks.
        """
        service = f"reverse:killforward:tcp:{port}"
        with self._client.service(self.transport_id, service, _OPEN_LIMIT_S) as connection:
            try:
                connection.take_okay(service)
            except DeviceError as error:
                if "listener" not in str(error.detail):
                    raise

    def push(self, data: bytes, path: str, mode: int = 0o644) -> None:
        """Make `data` the content of `path`, with the folders that are missing."""
        with self._client.service(self.transport_id, "sync:", _TRANSFER_LIMIT_S) as connection:
            sync.push(connection, data, path, mode, HOST.wall_s())

    def pull(self, path: str, limit: int = sync.MAX_PULL) -> bytes:
        """Return the content of `path`, refused beyond `limit` bytes."""
        with self._client.service(self.transport_id, "sync:", _TRANSFER_LIMIT_S) as connection:
            return sync.pull(connection, path, limit)

    def now_ns(self) -> int:
        """Return the phone's time since boot [ns], to 10 ms, from /proc/uptime."""
        words = self.run(["cat", "/proc/uptime"], check=True).stdout.split()
        return round(float(words[0]) * NS_PER_S)


def connect(serial: str, *, server: AdbAddress | None = None) -> Phone:
    """Return the phone called `serial`.

    Raises:
        DeviceError: if it is not connected, not usable or does not speak shell v2.
    """
    address = server or AdbAddress.from_environment()
    client = AdbClient(address)
    entries = [entry for entry in devices(address) if entry.serial == serial]
    transport_id = _only_transport(entries, serial)
    if "shell_v2" not in client.features(transport_id):
        raise StableDeviceError(
            f"{serial} does not speak adb's shell v2, so exit codes would be lost; "
            "Android 7 or newer does."
        )
    return Phone(serial, transport_id, client)


def _only_transport(entries: Sequence[Listed], serial: str) -> int:
    """Return the transport of the one usable phone among `entries`."""
    if not entries:
        raise TransientDeviceError(f"{serial} is not connected: plug it in, or connect it again.")
    if len(entries) > 1:
        raise StableDeviceError(f"{len(entries)} phones share the serial {serial}; unplug one.")
    entry = entries[0]
    if entry.state != "device" or entry.transport_id is None:
        raise failure(f"device {entry.state}", f"reach {serial}")
    return entry.transport_id


def quoted(argv: Sequence[str]) -> str:
    """Return the words as one line that the phone's shell takes apart into the same words."""
    if isinstance(argv, str):
        raise TypeError(f"a command is a list of words, not the string {argv!r}")
    return shlex.join(argv)


def _read_all(stream: ByteStream, deadline_ns: int, command: str) -> bytes:
    output = bytearray()
    while True:
        try:
            piece = stream.read((deadline_ns - HOST.now_ns()) / NS_PER_S)
        except TimeoutError:
            raise TransientDeviceError(f"{command} did not end in time.") from None
        if not piece:
            return bytes(output)
        output += piece
        if len(output) > MAX_OUTPUT:
            raise StableDeviceError(f"{command} answered more than {MAX_OUTPUT} bytes.")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
