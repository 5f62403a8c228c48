"""The sync service answers as AOSP's SYNC.TXT says, whatever pieces the requests come in."""

import asyncio
import errno
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.virtual.adbd.services import sync
from devices.virtual.adbd.socket import AdbSocket, SocketPort
from devices.virtual.userspace.contents import ContentStore
from devices.virtual.userspace.files import FileTree
from devices.virtual.userspace.layout import new_tree

TMP = "/data/local/tmp"
NOW_S = 1_700_000_000
SENT_S = 1_600_000_000
REGULAR = 0o100000
LINK = 0o120000


@pytest.fixture
def tree() -> FileTree:
    return _tree()


def _tree() -> FileTree:
    return new_tree(lambda: NOW_S, ContentStore())


def _ask(tree: FileTree, *pieces: bytes) -> bytes:
    """Give the service these bytes and QUIT; return all it says."""
    answers: list[bytes] = []

    async def talk() -> None:
        socket = AdbSocket(SocketPort(answers.append, lambda: 0, lambda: None, lambda: None))
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            group.create_task(sync.serve(tree, socket))
            for piece in (*pieces, _request(b"QUIT", b"")):
                socket.on_data(piece)

    asyncio.run(talk())
    return b"".join(answers)


def _request(word: bytes, payload: bytes) -> bytes:
    return word + struct.pack("<I", len(payload)) + payload


def _send(path: str, data: bytes, mode: int = REGULAR | 0o640) -> bytes:
    chunks = (data[start : start + 65536] for start in range(0, len(data), 65536))
    body = b"".join(_request(b"DATA", chunk) for chunk in chunks)
    head = _request(b"SEND", f"{path},{mode}".encode())
    return head + body + b"DONE" + struct.pack("<I", SENT_S)


OKAY = b"OKAY\0\0\0\0"


def test_a_sent_file_has_its_bytes_time_and_rights(tree: FileTree) -> None:
    data = bytes(range(256)) * 1000
    assert _ask(tree, _send(f"{TMP}/new/file", data, REGULAR | 0o700)) == OKAY
    facts = tree.stat(f"{TMP}/new/file")
    assert tree.read(f"{TMP}/new/file") == data
    # The owner's rights go to group and others too.
    assert (facts.mode, facts.mtime_s) == (REGULAR | 0o777, SENT_S)


def test_a_path_may_hold_commas(tree: FileTree) -> None:
    assert _ask(tree, _send(f"{TMP}/a,b", b"x")) == OKAY
    assert tree.read(f"{TMP}/a,b") == b"x"


def test_a_sent_link_is_a_link(tree: FileTree) -> None:
    assert _ask(tree, _send(f"{TMP}/link", b"target\0", LINK | 0o777)) == OKAY
    assert tree.readlink(f"{TMP}/link") == "target"


def test_a_refused_file_is_swallowed_before_the_refusal(tree: FileTree) -> None:
    refused, taken = _send("/system/x", bytes(200_000)), _send(f"{TMP}/x", b"y")
    reason = b"couldn't create file: Read-only file system"
    assert _ask(tree, refused, taken) == _request(b"FAIL", reason) + OKAY


def test_a_file_beyond_the_quota_is_refused_and_the_next_one_is_not(tree: FileTree) -> None:
    tree.volume.quota = 1000
    answer = _ask(tree, _send(f"{TMP}/big", bytes(200_000)), _send(f"{TMP}/small", b"x"))
    assert answer.startswith(b"FAIL")
    assert b"No space left on device" in answer
    assert answer.endswith(OKAY)
    assert tree.listdir(TMP) == ["small"]


def test_a_received_file_comes_in_chunks_of_at_most_64_kib(tree: FileTree) -> None:
    data = bytes(range(256)) * 600
    tree.write(f"{TMP}/file", data)
    answer = _ask(tree, _request(b"RECV", f"{TMP}/file".encode()))
    chunks = [data[start : start + 65536] for start in range(0, len(data), 65536)]
    assert answer == b"".join(_request(b"DATA", chunk) for chunk in chunks) + b"DONE\0\0\0\0"


def test_a_missing_file_fails_with_the_kernels_words(tree: FileTree) -> None:
    answer = _ask(tree, _request(b"RECV", b"/nope"))
    assert answer == _request(b"FAIL", b"open failed: No such file or directory")


def test_stat_of_nothing_is_zeros_and_its_long_form_says_why(tree: FileTree) -> None:
    assert _ask(tree, _request(b"STAT", b"/nope")) == b"STAT" + bytes(12)
    for word in (b"STA2", b"LST2"):
        answer = _ask(tree, _request(word, b"/nope"))
        assert answer == word + struct.pack("<I", errno.ENOENT) + bytes(64)
        assert len(answer) == 72


def test_long_stat_follows_links_and_long_lstat_does_not(tree: FileTree) -> None:
    tree.write(f"{TMP}/file", b"12345")
    tree.symlink("file", f"{TMP}/link")
    followed, itself = (
        struct.unpack("<4sIQQIIIIQqqq", _ask(tree, _request(word, f"{TMP}/link".encode())))
        for word in (b"STA2", b"LST2")
    )
    assert (followed[4], followed[8], followed[10]) == (REGULAR | 0o644, 5, NOW_S)
    assert (itself[4], itself[8]) == (LINK | 0o777, 4)


def test_lists_name_every_entry_and_end_with_zeros(tree: FileTree) -> None:
    tree.write(f"{TMP}/file", b"12345")
    tree.mkdir(f"{TMP}/dir")
    short = _ask(tree, _request(b"LIST", TMP.encode()))
    file = b"DENT" + struct.pack("<IIII", REGULAR | 0o644, 5, NOW_S, 4) + b"file"
    assert file in short
    assert short.count(b"DENT") == 2
    assert short.endswith(b"DONE" + bytes(16))
    long = _ask(tree, _request(b"LIS2", TMP.encode()))
    assert long.count(b"DNT2") == 2
    assert long.endswith(b"DONE" + bytes(72))


def test_the_list_of_nothing_is_empty(tree: FileTree) -> None:
    assert _ask(tree, _request(b"LIST", b"/nope")) == b"DONE" + bytes(16)


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (_request(b"WHAT", b"x"), b"unknown command 57484154"),
        (_request(b"STAT", b"x" * 1025), b"path of 1025 bytes, limit is 1024"),
        (_request(b"SEND", b"/x,33188") + _request(b"DATA", bytes(65537)), b"of 65537 bytes"),
        (_send(f"{TMP}/x", b"")[:-8].replace(b",33184", b",abcde") + b"DONE\0\0\0\0", b"mode"),
    ],
)
def test_nonsense_is_refused_with_a_reason(tree: FileTree, asked: bytes, reason: bytes) -> None:
    answer = _ask(tree, asked)
    assert answer.startswith(b"FAIL")
    assert reason in answer


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_requests_may_be_cut_anywhere(data: st.DataObject) -> None:
    stream = b"".join(
        [
            _send(f"{TMP}/a", b"content"),
            _request(b"STAT", f"{TMP}/a".encode()),
            _request(b"RECV", f"{TMP}/a".encode()),
            _request(b"LIS2", TMP.encode()),
        ]
    )
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert _ask(_tree(), *pieces) == _ask(_tree(), stream)
