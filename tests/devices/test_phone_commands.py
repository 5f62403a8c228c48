"""Commands, streams and files of one phone through our own door, over a genuine adb server."""

import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest

from devices.adb.client import AdbClient
from devices.errors import StableDeviceError
from devices.phone import Phone

TMP = "/data/local/tmp"


def test_stdout_stderr_and_status_come_apart(phone: Phone) -> None:
    done = phone.run(["sh", "-c", "echo out; echo err >&2; exit 7"])
    assert (done.stdout, done.stderr, done.returncode) == ("out\n", "err\n", 7)


@pytest.mark.parametrize(
    "word", ["a b", "$(id)", "`id`", "; rm -rf /", "it's", '"', "*", "\\", "a\nb", "-n", "", "é😀"]
)
def test_each_word_arrives_as_one_word(phone: Phone, word: str) -> None:
    assert phone.run(["printf", "%s|", "x", word]).stdout == f"x|{word}|"


def test_a_command_that_is_a_string_is_refused(phone: Phone) -> None:
    with pytest.raises(TypeError, match="a list of words"):
        phone.run("reboot")


def test_a_failing_command_is_an_error_only_where_asked(phone: Phone) -> None:
    assert phone.run(["cat", "/nope"]).returncode == 1
    with pytest.raises(StableDeviceError, match="No such file or directory"):
        phone.run(["cat", "/nope"], check=True)


def test_the_first_shell_protocol_merges_what_the_second_keeps_apart(phone: Phone) -> None:
    client = AdbClient(phone.server)
    for service in ("shell", "exec"):
        with client.service(phone.transport_id, f"{service}:echo a; echo b >&2", 5) as stream:
            assert stream.read_exactly(4) == b"a\nb\n"
            assert stream.read(1) == b""


def test_stdin_reaches_the_program_and_its_end_too(phone: Phone) -> None:
    with phone.open_stream(["cat"]) as stream:
        stream.write(b"x" * 200_000)
        stream.close_stdin()
        seen = b"".join(iter(lambda: stream.read(5), b""))
    assert seen == b"x" * 200_000
    assert stream.returncode == 0


def test_a_silent_program_times_out_and_can_be_read_later(phone: Phone) -> None:
    with phone.open_stream(["cat"]) as stream:
        with pytest.raises(TimeoutError):
            stream.read(0.05)
        stream.write(b"late\n")
        assert stream.read(5) == b"late\n"


def test_five_mebibytes_come_back_equal(phone: Phone) -> None:
    data = secrets.token_bytes(5 << 20)
    phone.push(data, f"{TMP}/deep/er/file", mode=0o600)
    assert phone.pull(f"{TMP}/deep/er/file") == data
    assert phone.run(["sha256sum", f"{TMP}/deep/er/file"]).returncode == 0


def test_a_pull_beyond_its_limit_is_refused(phone: Phone) -> None:
    phone.push(bytes(100_000), f"{TMP}/large")
    with pytest.raises(StableDeviceError, match="larger than 99999 bytes"):
        phone.pull(f"{TMP}/large", limit=99_999)


def test_refused_files_say_why_and_break_nothing(phone: Phone) -> None:
    with pytest.raises(StableDeviceError, match="Read-only file system"):
        phone.push(bytes(300_000), "/system/file")
    with pytest.raises(StableDeviceError, match="No such file or directory"):
        phone.pull("/nope")
    assert phone.run(["echo", "still here"]).stdout == "still here\n"


def test_closing_a_stream_ends_its_program(phone: Phone) -> None:
    with phone.open_stream(["sh", "-c", "echo started; sleep 4321"]) as stream:
        assert stream.read(5) == b"started\n"
        assert "sleep 4321" in phone.run(["ps", "-A", "-o", "ARGS"]).stdout
    running = iter(lambda: "sleep 4321" in phone.run(["ps", "-A", "-o", "ARGS"]).stdout, False)
    assert len(list(zip(running, range(100), strict=False))) < 100


def test_many_shells_at_once_are_all_right(phone: Phone) -> None:
    with ThreadPoolExecutor(16) as pool:
        answers = pool.map(lambda n: phone.run(["echo", str(n)]).stdout, range(200))
        assert list(answers) == [f"{n}\n" for n in range(200)]


def test_the_phones_own_time_runs_at_its_speed(phone: Phone) -> None:
    first = phone.now_ns()
    phone.run(["sleep", "2"])
    assert 2e9 <= phone.now_ns() - first < 20e9
