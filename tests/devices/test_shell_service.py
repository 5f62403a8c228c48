"""Shell v2 keeps stdin, stdout, stderr and the exit status apart on one stream."""

import asyncio
import struct
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from devices.virtual.adbd.services import shell
from devices.virtual.adbd.socket import AdbSocket, SocketPort
from devices.virtual.adbd.target import Banner
from devices.virtual.userspace.contents import ContentStore
from devices.virtual.userspace.files import FileTree
from devices.virtual.userspace.layout import new_tree
from devices.virtual.userspace.sockets import SocketNamespace
from devices.virtual.userspace.streams import ByteReader, ByteWriter

STDIN, STDOUT, STDERR, EXIT, CLOSE_STDIN, WINDOW = range(6)


@dataclass
class Echo:
    """A phone whose only program gives stdin back line by line and complains on stderr."""

    banner: Banner = field(default_factory=lambda: Banner("p", "m", "d"))
    sockets: SocketNamespace = field(default_factory=SocketNamespace)
    files: FileTree = field(default_factory=lambda: new_tree(lambda: 0, ContentStore()))

    async def shell(
        self,
        command: str,
        stdin: ByteReader,
        stdout: ByteWriter,
        stderr: ByteWriter,
        *,
        interactive: bool = False,
    ) -> int:
        while line := await stdin.readline():
            await stdout.write(line)
        await stderr.write(f"{command}:{interactive}".encode())
        return 300

    def set_root(self, wanted: bool) -> str:
        raise NotImplementedError

    def reboot(self) -> None:
        raise NotImplementedError


def _packet(number: int, payload: bytes = b"") -> bytes:
    return struct.pack("<BI", number, len(payload)) + payload


def _talk(*pieces: bytes, command: str = "cat") -> dict[int, bytes]:
    """Give the shell these bytes; return what each outgoing stream carried."""
    answers: list[bytes] = []

    async def talk() -> None:
        socket = AdbSocket(SocketPort(answers.append, lambda: 0, lambda: None, lambda: None))
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            group.create_task(shell.serve_v2(Echo(), command, socket, has_terminal=True))
            for piece in pieces:
                socket.on_data(piece)

    asyncio.run(talk())
    streams: dict[int, bytes] = {}
    output = b"".join(answers)
    while output:
        number, length = struct.unpack_from("<BI", output)
        streams[number] = streams.get(number, b"") + output[5 : 5 + length]
        output = output[5 + length :]
    return streams


def test_each_stream_has_its_number_and_the_status_one_byte() -> None:
    heard = _talk(_packet(STDIN, b"a\nb"), _packet(CLOSE_STDIN))
    assert heard == {STDOUT: b"a\nb", STDERR: b"cat:False", EXIT: bytes([300 & 0xFF])}


def test_no_command_means_an_interactive_shell() -> None:
    assert _talk(_packet(CLOSE_STDIN), command="")[STDERR] == b":True"


def test_window_sizes_are_nothing_to_the_program() -> None:
    heard = _talk(_packet(WINDOW, b"24x80,0x0\0"), _packet(STDIN, b"x"), _packet(CLOSE_STDIN))
    assert heard[STDOUT] == b"x"


def test_a_packet_that_announces_too_much_ends_stdin() -> None:
    assert STDOUT not in _talk(struct.pack("<BI", STDIN, 1 << 30))


def test_large_output_leaves_in_packets_that_old_hosts_can_take() -> None:
    line = b"y" * 200_000
    heard = _talk(_packet(STDIN, line), _packet(CLOSE_STDIN))
    assert heard[STDOUT] == line


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_stdin_may_be_cut_anywhere(data: st.DataObject) -> None:
    stream = (
        _packet(STDIN, b"one\n") + _packet(STDIN) + _packet(STDIN, b"two") + _packet(CLOSE_STDIN)
    )
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=5)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert _talk(*pieces)[STDOUT] == b"one\ntwo"
