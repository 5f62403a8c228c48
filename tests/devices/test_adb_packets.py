"""ADB packets survive any cutting, and nothing oversized or malformed gets through."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.virtual.adbd.packets import (
    MAX_PAYLOAD,
    Command,
    Packet,
    PacketReader,
    ProtocolError,
)

_U32 = st.integers(0, 0xFFFFFFFF)
_PACKETS = st.lists(
    st.builds(Packet, st.sampled_from(Command), _U32, _U32, st.binary(max_size=40)), max_size=5
)


def _header(command: int, length: int, magic: int | None = None) -> bytes:
    return struct.pack(
        "<6I", command, 0, 0, length, 0, command ^ 0xFFFFFFFF if magic is None else magic
    )


@given(_PACKETS)
def test_every_packet_survives_being_cut_at_every_byte(packets: list[Packet]) -> None:
    stream = b"".join(packet.serialize() for packet in packets)
    for cut in range(len(stream) + 1):
        reader = PacketReader()
        assert reader.feed(stream[:cut]) + reader.feed(stream[cut:]) == packets


@given(_PACKETS)
def test_packets_that_come_byte_by_byte_are_whole(packets: list[Packet]) -> None:
    reader = PacketReader()
    stream = b"".join(packet.serialize() for packet in packets)
    seen = [packet for byte in stream for packet in reader.feed(bytes([byte]))]
    assert seen == packets


def test_the_header_is_what_the_protocol_says() -> None:
    data = Packet(Command.WRTE, 1, 2, b"ab").serialize(with_checksum=True)
    assert data == b"WRTE" + struct.pack("<5I", 1, 2, 2, 97 + 98, 0x45545257 ^ 0xFFFFFFFF) + b"ab"


def test_a_packet_that_announces_too_much_is_refused_before_it_is_read() -> None:
    with pytest.raises(ProtocolError, match=f"announces {MAX_PAYLOAD + 1} bytes"):
        PacketReader().feed(_header(Command.WRTE, MAX_PAYLOAD + 1))


def test_a_wrong_magic_is_refused() -> None:
    with pytest.raises(ProtocolError, match="magic is 0x00000007"):
        PacketReader().feed(_header(Command.WRTE, 0, magic=7))


def test_an_unknown_command_is_refused() -> None:
    with pytest.raises(ProtocolError, match="unknown command 0x0000002a"):
        PacketReader().feed(_header(42, 0))


@given(st.binary(max_size=200))
def test_noise_is_refused_or_waits_for_more(noise: bytes) -> None:
    try:
        PacketReader().feed(noise)
    except ProtocolError:
        return
    assert len(noise) < 24


def test_a_packet_says_what_it_is() -> None:
    assert str(Packet(Command.OPEN, 7, 0, b"sync:\0")) == "OPEN 7 0 [6 bytes]"
