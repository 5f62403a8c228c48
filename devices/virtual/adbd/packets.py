"""ADB packets: a header of 24 bytes and at most one mebibyte of data; bytes in, packets out."""

import struct
from dataclasses import dataclass
from enum import IntEnum

VERSION = 0x01000001  # the first version whose peers ignore the checksum
MAX_PAYLOAD = 1 << 20  # a security limit: nobody makes us hold more than this per packet
_HEADER = struct.Struct("<6I")


class ProtocolError(ValueError):
    """The peer broke the packet protocol; the connection must be dropped."""


class Command(IntEnum):
    """The words of the protocol: four ASCII letters read as a little-endian number."""

    CNXN = int.from_bytes(b"CNXN", "little")  #: hello, in both directions
    AUTH = int.from_bytes(b"AUTH", "little")  #: token, signature or public key
    OPEN = int.from_bytes(b"OPEN", "little")  #: a new stream to a service
    OKAY = int.from_bytes(b"OKAY", "little")  #: the stream is ready for one more WRTE
    WRTE = int.from_bytes(b"WRTE", "little")  #: data of a stream
    CLSE = int.from_bytes(b"CLSE", "little")  #: the stream is over, or was never opened
    STLS = int.from_bytes(b"STLS", "little")  #: switch to TLS


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet; what its two arguments mean depends on the command."""

    command: Command
    arg0: int
    arg1: int
    data: bytes = b""

    def serialize(self, *, with_checksum: bool = False) -> bytes:
        """Return the packet's bytes; peers older than `VERSION` want a checksum."""
        checksum = sum(self.data) & 0xFFFFFFFF if with_checksum else 0
        word = int(self.command)
        magic = word ^ 0xFFFFFFFF
        header = _HEADER.pack(word, self.arg0, self.arg1, len(self.data), checksum, magic)
        return header + self.data

    def __str__(self) -> str:
        return f"{self.command.name} {self.arg0} {self.arg1} [{len(self.data)} bytes]"


class PacketReader:
    """Cuts a stream of bytes into packets, whatever pieces it arrives in."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Packet]:
        """Return the packets that `data` completes.

        Raises:
            ProtocolError: for an unknown command, a wrong magic or an oversized packet.
        """
        self._buffer += data
        packets: list[Packet] = []
        start = 0
        while len(self._buffer) - start >= _HEADER.size:
            end = start + _HEADER.size + _length_of(self._buffer, start)
            if end > len(self._buffer):
                break
            packets.append(_parse(self._buffer, start, end))
            start = end
        del self._buffer[:start]
        return packets


def _length_of(buffer: bytearray, start: int) -> int:
    """Check the header at `start` and return how many bytes of data follow it."""
    word, _, _, length, _, magic = _HEADER.unpack_from(buffer, start)
    if word ^ magic != 0xFFFFFFFF:
        raise ProtocolError(f"magic is {magic:#010x}, expected {word ^ 0xFFFFFFFF:#010x}")
    if length > MAX_PAYLOAD:
        raise ProtocolError(f"packet announces {length} bytes, limit is {MAX_PAYLOAD}")
    return int(length)


def _parse(buffer: bytearray, start: int, end: int) -> Packet:
    word, arg0, arg1, *_ = _HEADER.unpack_from(buffer, start)
    try:
        command = Command(word)
    except ValueError:
        raise ProtocolError(f"unknown command {word:#010x}") from None
    return Packet(command, arg0, arg1, bytes(memoryview(buffer)[start + _HEADER.size : end]))
