"""What a phone says arrives whole, or the host knows that it did not."""

import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import adbutils
import pytest

from devices.clock import HOST
from devices.errors import DeviceError, TransientDeviceError
from devices.phone import Phone, connect
from tests.parts.adb import VirtualPhones, adb_binary, adb_server, virtual_phones, wait_for_state

BIG = "".join(f"line {number} of a long answer\n" for number in range(10_000))
FILE = "/data/local/tmp/big"
EDGES = (4095, 4096, 4097, 65_535, 65_536, 65_537, 1 << 20)  # [bytes]


@pytest.fixture(scope="module", params=["wheel", "system"])
def cut(request: pytest.FixtureRequest) -> Iterator[VirtualPhones]:
    """A phone of this module's own, behind the wheel's adb server and the system's."""
    binary = adb_binary() if request.param == "wheel" else Path(shutil.which("adb") or "adb")
    if not shutil.which(binary):
        pytest.skip("no adb is installed here: only the wheel's is tried")
    with (
        adb_server(binary) as server,
        virtual_phones("honor-v30-pro", server=server, speed=20) as phones,
    ):
        connect(phones.serials[0], server=server).push(BIG.encode(), FILE)
        yield phones


@pytest.fixture
def dropper(cut: VirtualPhones) -> Phone:
    """The phone, back from whatever was done to it before."""
    wait_for_state(cut.server, cut.serials[0], "device")
    return connect(cut.serials[0], server=cut.server)


def _drop(cut: VirtualPhones) -> None:
    cut.ctl(cut.serials[0], "fault", "drop", "--for", "50ms")


@pytest.mark.parametrize("size", EDGES)
def test_no_border_of_a_buffer_cuts_an_answer(dropper: Phone, size: int) -> None:
    done = dropper.run(["sh", "-c", f"head -c {size - 1} /data/local/tmp/edge; echo"], check=True)
    assert len(done.stdout) == size


@pytest.fixture(autouse=True)
def edge(dropper: Phone) -> None:
    """A file as long as the longest answer."""
    if dropper.run(["ls", "/data/local/tmp/edge"]).returncode:
        dropper.push(b"x" * EDGES[-1], "/data/local/tmp/edge")


def test_many_at_once_and_slow_readers_get_everything(dropper: Phone) -> None:
    def fast(_: int) -> str:
        return dropper.run(["cat", FILE]).stdout

    def slow(_: int) -> str:
        pieces = []
        with dropper.open_stream(["cat", FILE]) as stream:
            while piece := stream.read(10):
                pieces.append(piece)
                HOST.wait(0.002)
            assert stream.returncode == 0
        return b"".join(pieces).decode()

    with ThreadPoolExecutor(12) as pool:
        answers = [*pool.map(fast, range(8)), *pool.map(slow, range(4))]
    assert [answer == BIG for answer in answers] == [True] * 12


def test_line_by_line_is_not_packet_by_packet(dropper: Phone) -> None:
    done = dropper.run(["sh", "-c", f'while read line; do echo "$line"; done < {FILE}'])
    assert done.stdout == BIG


def test_a_drop_in_the_middle_is_an_error_and_never_a_shorter_text(
    cut: VirtualPhones, dropper: Phone
) -> None:
    with dropper.open_stream(["sh", "-c", f"cat {FILE}; sleep 1000; cat {FILE}"]) as stream:
        heard = b""
        while len(heard) < len(BIG):
            heard += stream.read(10)
        _drop(cut)
        assert stream.read(10) == b""
        assert stream.returncode is None


def test_a_command_that_was_dropped_raises(cut: VirtualPhones, dropper: Phone) -> None:
    def drop_while_it_sleeps() -> None:
        while "sleep 1234" not in dropper.text_of(["ps", "-A", "-o", "ARGS"]).splitlines():
            pass
        _drop(cut)

    with ThreadPoolExecutor(1) as pool:
        dropping = pool.submit(drop_while_it_sleeps)
        with pytest.raises(TransientDeviceError, match="went away while it ran"):
            dropper.run(["sh", "-c", f"cat {FILE}; sleep 1234"])
        dropping.result()


def test_a_file_that_was_dropped_raises(cut: VirtualPhones, dropper: Phone) -> None:
    is_over = threading.Event()

    def pull() -> None:
        while not is_over.is_set():
            assert dropper.pull(FILE) == BIG.encode()

    with ThreadPoolExecutor(1) as pool:
        pulling = pool.submit(pull)
        try:
            _drop(cut)
            with pytest.raises(DeviceError):
                pulling.result(timeout=20)
        finally:
            is_over.set()


def test_a_reading_command_that_was_killed_raises(dropper: Phone) -> None:
    with pytest.raises(TransientDeviceError, match="was killed"):
        dropper.text_of(["sh", "-c", "echo half; kill -9 $$"])
    assert dropper.text_of(["sh", "-c", "echo half; exit 1"]) == "half\n"


def test_the_old_shell_protocol_could_not_tell(cut: VirtualPhones, dropper: Phone) -> None:
    """The control: the same drop without shell v2 is a shorter text and no error."""
    old = adbutils.AdbClient(cut.server.host, cut.server.port).device(cut.serials[0])
    stream = old.shell(["sh", "-c", "echo half; sleep 1000; echo whole"], stream=True)
    assert stream.read_string(4) == "half"
    _drop(cut)
    rest = stream.read_until_close()
    stream.close()
    assert "whole" not in str(rest)
