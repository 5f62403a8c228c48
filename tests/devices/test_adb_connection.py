"""The adbd state machine, one packet at a time; the host is the other end of the same bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.virtual.adbd.connection import (
    MAX_STREAMS,
    Closed,
    Connection,
    Drained,
    Established,
    Event,
    Opened,
    Received,
    State,
)
from devices.virtual.adbd.packets import VERSION, Command, Packet, PacketReader, ProtocolError

TOKEN = b"t" * 20
PIECE = 4096


class Host:
    """The host's side, as far as a test needs it."""

    def __init__(self, *, is_open: bool = True, version: int = VERSION) -> None:
        self.phone = Connection("device::features=shell_v2", lambda: TOKEN, is_open=is_open)
        self._reader = PacketReader()
        self.send(Command.CNXN, version, PIECE, b"host::")

    def send(self, command: Command, arg0: int, arg1: int, data: bytes = b"") -> list[Event]:
        """Give the phone one packet and return the events it saw."""
        return self.phone.receive(Packet(command, arg0, arg1, data).serialize())

    def heard(self) -> list[Packet]:
        """Return what the phone said since the last call."""
        return self._reader.feed(self.phone.take_output())

    def opened(self, remote: int = 5, service: bytes = b"sync:\0") -> int:
        """Open a stream and return the phone's number of it."""
        (event,) = self.send(Command.OPEN, remote, 0, service)
        assert isinstance(event, Opened)
        self.phone.accept(event.local)
        self.heard()
        return event.local


def _greeted() -> Host:
    host = Host()
    host.heard()
    return host


def test_a_hello_is_answered_with_version_limit_and_banner() -> None:
    host = Host()
    assert host.heard() == [Packet(Command.CNXN, VERSION, 1 << 20, b"device::features=shell_v2")]
    assert host.phone.state is State.CONNECTED


@pytest.mark.parametrize("command", [Command.OPEN, Command.WRTE, Command.OKAY, Command.CLSE])
def test_nothing_may_come_before_the_hello(command: Command) -> None:
    phone = Connection("device::", lambda: TOKEN)
    with pytest.raises(ProtocolError, match=f"{command.name} may not come while greeting"):
        phone.receive(Packet(command, 1, 1).serialize())


def test_a_service_name_loses_its_closing_null() -> None:
    (event,) = _greeted().send(Command.OPEN, 5, 0, b"shell:ls\0")
    assert event == Opened(1, "shell:ls")


def test_accepting_and_refusing_name_both_ends() -> None:
    host = _greeted()
    host.send(Command.OPEN, 5, 0, b"sync:\0")
    host.send(Command.OPEN, 6, 0, b"jdwp:1\0")
    host.phone.accept(1)
    host.phone.refuse(2)
    assert host.heard() == [Packet(Command.OKAY, 1, 5), Packet(Command.CLSE, 0, 6)]


def test_one_piece_is_on_its_way_at_a_time() -> None:
    host = _greeted()
    local = host.opened()
    host.phone.write(local, b"a" * PIECE + b"b")
    assert host.heard() == [Packet(Command.WRTE, local, 5, b"a" * PIECE)]
    assert host.phone.queued(local) == 1
    assert host.send(Command.OKAY, 5, local) == [Drained(local)]
    assert host.heard() == [Packet(Command.WRTE, local, 5, b"b")]


def test_the_close_comes_when_the_host_has_taken_all_that_was_written() -> None:
    host = _greeted()
    local = host.opened()
    host.phone.write(local, b"a")
    host.phone.write(local, b"b")
    host.phone.close(local)
    assert [packet.command for packet in host.heard()] == [Command.WRTE]
    host.send(Command.OKAY, 5, local)
    assert [packet.command for packet in host.heard()] == [Command.WRTE], "b is on its way"
    host.send(Command.OKAY, 5, local)
    assert [packet.command for packet in host.heard()] == [Command.CLSE]


def test_what_waits_leaves_in_pieces_as_large_as_the_host_takes() -> None:
    host = _greeted()
    local = host.opened()
    for _ in range(PIECE + 10):
        host.phone.write(local, b"y")
    sizes = []
    while packets := host.heard():
        sizes += [len(packet.data) for packet in packets]
        host.send(Command.OKAY, 5, local)
    assert sizes == [1, PIECE, 9]


def test_a_stream_that_the_host_closed_at_once_is_not_accepted() -> None:
    host = _greeted()
    wanted = Packet(Command.OPEN, 5, 0, b"sync:\0").serialize()
    events = host.phone.receive(wanted + Packet(Command.CLSE, 5, 1).serialize())
    assert events == [Opened(1, "sync:"), Closed(1)]
    assert not host.phone.accept(1)
    host.phone.refuse(1)
    assert host.heard() == []


def test_data_that_comes_while_closing_does_not_cut_off_the_rest() -> None:
    host = _greeted()
    local = host.opened()
    host.phone.write(local, b"a")
    host.phone.write(local, b"exit status")
    host.phone.close(local)
    host.heard()
    assert host.send(Command.WRTE, 5, local, b"late stdin") == []
    assert host.heard() == [Packet(Command.OKAY, local, 5)]
    host.send(Command.OKAY, 5, local)
    assert host.heard()[0].data == b"exit status"


def test_data_is_acknowledged_when_the_service_asks_for_more() -> None:
    host = _greeted()
    local = host.opened()
    assert host.send(Command.WRTE, 5, local, b"x") == [Received(local, b"x")]
    assert host.heard() == []
    host.phone.acknowledge(local)
    assert host.heard() == [Packet(Command.OKAY, local, 5)]


def test_data_for_an_unknown_stream_is_answered_with_close() -> None:
    host = _greeted()
    assert host.send(Command.WRTE, 9, 77, b"x") == []
    assert host.heard() == [Packet(Command.CLSE, 0, 9)]


def test_a_stream_that_the_phone_opens_waits_for_the_host() -> None:
    host = _greeted()
    local = host.phone.open("tcp:7")
    host.phone.write(local, b"early")
    assert host.heard() == [Packet(Command.OPEN, local, 0, b"tcp:7\0")]
    assert host.send(Command.OKAY, 31, local) == [Established(local)]
    assert host.heard() == [Packet(Command.WRTE, local, 31, b"early")]


def test_a_stream_that_the_host_refuses_is_closed() -> None:
    host = _greeted()
    local = host.phone.open("tcp:7")
    assert host.send(Command.CLSE, 0, local) == [Closed(local)]


def test_data_before_the_host_has_accepted_ends_the_connection() -> None:
    host = _greeted()
    local = host.phone.open("tcp:7")
    with pytest.raises(ProtocolError, match="has not accepted"):
        host.send(Command.WRTE, 31, local, b"x")


def test_one_stream_too_many_ends_the_connection() -> None:
    host = _greeted()
    for remote in range(1, MAX_STREAMS + 1):
        host.send(Command.OPEN, remote, 0, b"sync:\0")
    with pytest.raises(ProtocolError, match="more than 256 streams"):
        host.send(Command.OPEN, 999, 0, b"sync:\0")


def test_a_phone_that_let_nobody_in_refuses_signatures_and_waits_for_the_user() -> None:
    host = Host(is_open=False)
    assert host.heard() == [Packet(Command.AUTH, 1, 0, TOKEN)]
    host.send(Command.AUTH, 2, 0, b"signature")
    assert host.heard() == [Packet(Command.AUTH, 1, 0, TOKEN)]
    host.send(Command.AUTH, 3, 0, b"public key")
    assert host.heard() == []
    host.phone.authorize()
    assert [packet.command for packet in host.heard()] == [Command.CNXN]


@pytest.mark.parametrize("answer", [(2, b"signature"), (3, b"public key")])
def test_an_answer_that_comes_after_the_user_has_let_the_host_in_costs_nothing(
    answer: tuple[int, bytes],
) -> None:
    host = Host(is_open=False)
    host.phone.authorize()
    host.heard()
    kind, proof = answer
    assert host.send(Command.AUTH, kind, 0, proof) == []
    assert host.heard() == []
    assert host.phone.state is State.CONNECTED


def test_an_unauthorized_host_opens_nothing() -> None:
    with pytest.raises(ProtocolError, match="OPEN may not come while authorizing"):
        Host(is_open=False).send(Command.OPEN, 5, 0, b"shell:id\0")


def test_an_older_host_gets_checksums() -> None:
    host = Host(version=0x01000000)
    assert host.phone.take_output()[16:20] != b"\0\0\0\0"


def test_a_second_hello_ends_every_stream() -> None:
    host = _greeted()
    local = host.opened()
    assert host.send(Command.CNXN, VERSION, PIECE, b"host::") == [Closed(local)]


@given(
    st.lists(
        st.tuples(st.sampled_from(Command), st.integers(0, 4), st.integers(0, 4), st.binary()),
        max_size=30,
    )
)
def test_no_order_of_packets_breaks_more_than_the_connection(
    packets: list[tuple[Command, int, int, bytes]],
) -> None:
    host = _greeted()
    try:
        for command, arg0, arg1, data in packets:
            for event in host.send(command, arg0, arg1, data):
                if isinstance(event, Opened):
                    host.phone.accept(event.local)
                    host.phone.write(event.local, b"x" * 10_000)
            host.heard()
    except ProtocolError:
        return
