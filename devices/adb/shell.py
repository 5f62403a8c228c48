"""A shell v2 service of a phone as one stream: stdin, stdout, stderr and the exit status."""

import select
import struct
from collections import deque
from types import TracebackType

from devices.adb.client import AdbSocket
from devices.clock import HOST, NS_PER_S
from devices.errors import TransientDeviceError

_HEADER = struct.Struct("<BI")  # id, length
_STDIN, _STDOUT, _STDERR, _EXIT, _CLOSE_STDIN = 0, 1, 2, 3, 4
_MAX_PACKET = 16 << 20  # a security limit: phones send 64 KiB at most
_PIECE = 32 * 1024  # per stdin packet: what old phones can take
_READ = 256 * 1024
_STDERR_KEPT = 64 * 1024  # [bytes] the newest ones


class ByteStream:
    """A program on the phone, driven through its standard streams."""

    def __init__(self, connection: AdbSocket, write_limit_s: float) -> None:
        self._connection = connection
        self._write_limit_s = write_limit_s
        self._incoming = bytearray()
        self._stdout: deque[bytes] = deque()
        self._stderr = bytearray()
        self._has_ended = False
        self.returncode: int | None = None  # None until the program has ended, or if it was lost

    def __enter__(self) -> "ByteStream":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def write(self, data: bytes) -> None:
        """Send `data` to the program's stdin."""
        self._connection.tcp.settimeout(self._write_limit_s)
        for start in range(0, len(data), _PIECE):
            piece = data[start : start + _PIECE]
            self._connection.send(_HEADER.pack(_STDIN, len(piece)) + piece)

    def close_stdin(self) -> None:
        """Tell the program that nothing more will come."""
        self._connection.tcp.settimeout(self._write_limit_s)
        self._connection.send(_HEADER.pack(_CLOSE_STDIN, 0))

    def read(self, timeout_s: float) -> bytes:
        """Return the next piece of stdout, b"" at its end.

        Raises:
            TimeoutError: if none comes within `timeout_s` of host time.
            TransientDeviceError: if the link breaks.
        """
        deadline = HOST.now_ns() + round(timeout_s * NS_PER_S)
        while not self._stdout and not self._has_ended:
            left_s = (deadline - HOST.now_ns()) / NS_PER_S
            self._receive(max(0.0, left_s))
        return self._stdout.popleft() if self._stdout else b""

    def stderr(self) -> bytes:
        """Return the newest bytes of stderr that have come so far."""
        return bytes(self._stderr)

    def close(self) -> None:
        """Close the stream; the phone ends the program if it still runs."""
        self._has_ended = True
        self._connection.close()

    def _receive(self, timeout_s: float) -> None:
        """Take in what the socket has; TimeoutError if it stays silent."""
        ready, _, _ = select.select([self._connection.tcp], [], [], timeout_s)
        if not ready:
            raise TimeoutError(f"the phone said nothing for {timeout_s:.1f} s")
        data = self._connection.read(_READ)
        if not data:
            self._has_ended = True
            return
        self._incoming += data
        self._unpack()

    def _unpack(self) -> None:
        at = 0
        while len(self._incoming) - at >= _HEADER.size:
            number, length = _HEADER.unpack_from(self._incoming, at)
            if length > _MAX_PACKET:
                raise TransientDeviceError(f"shell packet announces {length} bytes")
            end = at + _HEADER.size + length
            if end > len(self._incoming):
                break
            self._take(number, bytes(memoryview(self._incoming)[at + _HEADER.size : end]))
            at = end
        del self._incoming[:at]

    def _take(self, number: int, payload: bytes) -> None:
        if number == _STDOUT and payload:
            self._stdout.append(payload)
        elif number == _STDERR:
            self._stderr += payload
            del self._stderr[:-_STDERR_KEPT]
        elif number == _EXIT and payload:
            self.returncode = payload[0]
            self._has_ended = True
