"""A host that breaks the protocol loses its own connection and nobody else's."""

import random
import socket
import struct

import pytest

from devices.phone import Phone
from devices.virtual.adbd.packets import MAX_PAYLOAD, VERSION, Command, Packet, PacketReader

HELLO = Packet(Command.CNXN, VERSION, MAX_PAYLOAD, b"host::features=shell_v2").serialize()
LIMIT_S = 10


def _visit(phone: Phone, *packets: bytes) -> bytes:
    """Send bytes to the phone's own port and return what it says until it hangs up or is idle."""
    heard = bytearray()
    host, _, port = phone.serial.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=LIMIT_S) as visitor:
        try:
            visitor.sendall(HELLO + b"".join(packets))
            visitor.shutdown(socket.SHUT_WR)
            while piece := visitor.recv(65536):
                heard += piece
        except ConnectionError:
            pass
    return bytes(heard)


def _open(remote: int, service: bytes = b"sync:\0") -> bytes:
    return Packet(Command.OPEN, remote, 0, service).serialize()


@pytest.mark.parametrize(
    "nonsense",
    [
        struct.pack("<6I", Command.WRTE, 1, 1, MAX_PAYLOAD + 1, 0, Command.WRTE ^ 0xFFFFFFFF),
        struct.pack("<6I", Command.OPEN, 1, 1, 0, 0, 0),
        Packet(Command.STLS, 0, 0).serialize(),
        Packet(Command.AUTH, 1, 0, b"token").serialize(),
        b"".join(_open(remote) for remote in range(1, 300)),
        b"GET / HTTP/1.1\r\nHost: phone\r\n\r\n",
    ],
    ids=["oversized", "bad magic", "tls", "auth out of turn", "too many streams", "http"],
)
def test_nonsense_ends_the_connection_that_it_came_on(phone: Phone, nonsense: bytes) -> None:
    assert _visit(phone, nonsense)[:4] in (b"CNXN", b"")
    assert phone.run(["echo", "unharmed"]).stdout == "unharmed\n"


def _answers(heard: bytes) -> list[tuple[Command, int]]:
    """Return which packets came for which of the host's streams."""
    return [(packet.command, packet.arg1) for packet in PacketReader().feed(heard)]


def test_a_stream_that_is_closed_with_its_opening_costs_no_other(phone: Phone) -> None:
    heard = _visit(phone, _open(7) + Packet(Command.CLSE, 7, 1).serialize() + _open(8))
    assert (Command.OKAY, 8) in _answers(heard)


def test_a_host_that_accepts_what_nobody_wants_any_more_costs_no_other(phone: Phone) -> None:
    """The phone's stream to the host is number 3; who asked for it has left before the answer."""
    host, _, port = phone.serial.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=LIMIT_S) as visitor:
        visitor.sendall(HELLO + _open(7, b"reverse:forward:tcp:7;tcp:9\0"))
        reader = PacketReader()
        opened: list[Packet] = []
        while not opened:
            packets = reader.feed(visitor.recv(65536))
            opened = [packet for packet in packets if packet.command is Command.OPEN]
            for packet in packets:
                if packet.command is Command.WRTE:
                    visitor.sendall(Packet(Command.OKAY, packet.arg1, packet.arg0).serialize())
                    visitor.sendall(_open(8, b"tcp:7\0"))
        ours = opened[0].arg0
        visitor.sendall(Packet(Command.CLSE, 8, ours - 1).serialize())
        visitor.sendall(Packet(Command.OKAY, 31, ours).serialize())
        visitor.sendall(Packet(Command.WRTE, 31, ours, b"late").serialize() + _open(9))
        while (Command.OKAY, 9) not in [(p.command, p.arg1) for p in packets]:
            piece = visitor.recv(65536)
            assert piece, "the phone hung up on everybody"
            packets = reader.feed(piece)


def test_a_sync_request_that_announces_too_much_is_refused(phone: Phone) -> None:
    request = Packet(Command.WRTE, 7, 1, b"STAT" + struct.pack("<I", 1 << 30)).serialize()
    assert b"FAIL" in _visit(phone, _open(7), request)


@pytest.mark.parametrize("seed", range(20))
def test_no_order_of_packets_harms_a_phone(phone: Phone, seed: int) -> None:
    dice = random.Random(seed)
    services = [b"sync:\0", b"shell:cat\0", b"shell,v2:\0", b"reverse:list-forward\0", b"tcp:1\0"]
    packets = [
        Packet(
            dice.choice([Command.OPEN, Command.WRTE, Command.OKAY, Command.CLSE]),
            dice.randint(0, 6),
            dice.randint(0, 6),
            dice.choice([*services, dice.randbytes(dice.randint(0, 300))]),
        ).serialize()
        for _ in range(60)
    ]
    _visit(phone, *packets)
    assert phone.run(["echo", "unharmed"]).stdout == "unharmed\n"
