"""Files to and from a phone through adb's sync service."""

import stat as modes
import struct

from devices.adb.client import AdbSocket
from devices.errors import StableDeviceError, TransientDeviceError

MAX_PULL = 1 << 30  # a security limit: a phone can be hostile
_CHUNK = 64 * 1024
_HEADER = struct.Struct("<4sI")


def push(connection: AdbSocket, data: bytes, path: str, mode: int, mtime_s: int) -> None:
    """Make `data` the content of `path` on the phone.

    Raises:
        StableDeviceError: what the phone answers if it refuses.
    """
    target = f"{path},{modes.S_IFREG | mode}".encode()
    connection.send(_HEADER.pack(b"SEND", len(target)) + target)
    for start in range(0, len(data), _CHUNK):
        piece = data[start : start + _CHUNK]
        connection.send(_HEADER.pack(b"DATA", len(piece)) + piece)
    connection.send(_HEADER.pack(b"DONE", mtime_s))
    word, length = _HEADER.unpack(connection.read_exactly(_HEADER.size))
    if word != b"OKAY":
        raise _refusal(connection, word, length, f"push {path}")


def pull(connection: AdbSocket, path: str, limit: int = MAX_PULL) -> bytes:
    """Return the content of `path` on the phone, at most `limit` bytes.

    Raises:
        StableDeviceError: what the phone answers if it refuses.
    """
    name = path.encode()
    connection.send(_HEADER.pack(b"RECV", len(name)) + name)
    content = bytearray()
    while True:
        word, length = _HEADER.unpack(connection.read_exactly(_HEADER.size))
        if word == b"DONE":
            return bytes(content)
        if word != b"DATA":
            raise _refusal(connection, word, length, f"pull {path}")
        if length > _CHUNK or len(content) + length > limit:
            raise StableDeviceError(f"{path} is larger than {limit} bytes; it was not pulled.")
        content += connection.read_exactly(length)


def _refusal(
    connection: AdbSocket, word: bytes, length: int, asked: str
) -> StableDeviceError | TransientDeviceError:
    if word != b"FAIL":
        return TransientDeviceError(f"{asked}: the phone answered {word!r}, which is no sync word")
    reason = connection.read_exactly(min(length, _CHUNK)).decode("utf-8", "replace")
    return StableDeviceError(f"{asked}: the phone says “{reason}”.", detail=reason)
