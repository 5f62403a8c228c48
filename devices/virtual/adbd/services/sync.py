"""The sync service: stat, list, send and receive files (AOSP's SYNC.TXT)."""

import errno
import os
import stat as modes
import struct
from collections.abc import Awaitable, Callable

from devices.virtual.adbd.socket import AdbSocket
from devices.virtual.userspace.files import FileTree
from devices.virtual.userspace.inodes import Stat

MAX_PATH = 1024  # a security limit, the one of the real service
MAX_DATA = 64 * 1024  # what one DATA may carry, both ways
_REQUEST = struct.Struct("<4sI")
_STAT_V1 = struct.Struct("<4sIII")
_STAT_V2 = struct.Struct("<4sIQQIIIIQqqq")
_DENT_V1 = struct.Struct("<4sIIII")
_NAMED_V2 = struct.Struct("<4sIQQIIIIQqqqI")
_BURST = 15  # DATA chunks per write: just under one ADB packet


class _Refused(Exception):
    """What is asked cannot be done; the message goes to the host."""


async def serve(files: FileTree, socket: AdbSocket) -> None:
    """Answer requests until QUIT, the end, or a request that makes no sense."""
    try:
        while await _answer_one(files, socket):
            pass
    except (_Refused, EOFError) as reason:
        await socket.write(_failure(str(reason)))


async def _answer_one(files: FileTree, socket: AdbSocket) -> bool:
    """Answer one request; False after QUIT or at the end."""
    try:
        word, length = _REQUEST.unpack(await socket.read_exactly(_REQUEST.size))
    except EOFError:
        return False
    if word == b"QUIT":
        return False
    if length > MAX_PATH:
        raise _Refused(f"path of {length} bytes, limit is {MAX_PATH}")
    path = (await socket.read_exactly(length)).decode("utf-8", "surrogateescape")
    answer = _ANSWERS.get(word)
    if answer is None:
        raise _Refused(f"unknown command {word.hex()}")
    await answer(files, path, socket)
    return True


async def _stat(files: FileTree, path: str, socket: AdbSocket) -> None:
    """STAT: mode, size and time of a link itself; zeros when there is nothing."""
    try:
        facts = files.lstat(path)
    except OSError:
        await socket.write(_STAT_V1.pack(b"STAT", 0, 0, 0))
        return
    await socket.write(_STAT_V1.pack(b"STAT", *_short(facts)))


async def _stat_v2(files: FileTree, path: str, socket: AdbSocket) -> None:
    await socket.write(_long_stat(b"STA2", files.stat, path))


async def _lstat_v2(files: FileTree, path: str, socket: AdbSocket) -> None:
    await socket.write(_long_stat(b"LST2", files.lstat, path))


async def _list(files: FileTree, path: str, socket: AdbSocket) -> None:
    for name, facts in _entries(files, path):
        await socket.write(_DENT_V1.pack(b"DENT", *_short(facts), len(name)) + name)
    await socket.write(_DENT_V1.pack(b"DONE", 0, 0, 0, 0))


async def _list_v2(files: FileTree, path: str, socket: AdbSocket) -> None:
    for name, facts in _entries(files, path):
        await socket.write(_NAMED_V2.pack(b"DNT2", 0, *_long(facts), len(name)) + name)
    await socket.write(_NAMED_V2.pack(b"DONE", *[0] * 12))


async def _receive(files: FileTree, path: str, socket: AdbSocket) -> None:
    """RECV: the file in DATA chunks, several per write so that a packet is full."""
    try:
        data = files.read(path)
    except OSError as error:
        await socket.write(_failure(f"open failed: {error.strerror}"))
        return
    step = MAX_DATA * _BURST
    for start in range(0, len(data), step):
        await socket.write(_as_chunks(data[start : start + step]))
    await socket.write(_REQUEST.pack(b"DONE", 0))


async def _send(files: FileTree, path_and_mode: str, socket: AdbSocket) -> None:
    """SEND: a refused file is swallowed up to its DONE, because the host is already sending."""
    path, _, mode_text = path_and_mode.rpartition(",")
    room = files.volume.quota
    data, mtime_s = await _collect(socket, room)
    try:
        if not path or not mode_text.isdecimal():
            raise _Refused(f"path and mode expected, got {path_and_mode!r}")
        if len(data) > room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        _put(files, path, int(mode_text), data, mtime_s)
    except OSError as error:
        await socket.write(_failure(f"couldn't create file: {error.strerror}"))
    except _Refused as reason:
        await socket.write(_failure(str(reason)))
    else:
        await socket.write(_REQUEST.pack(b"OKAY", 0))


async def _collect(socket: AdbSocket, room: int) -> tuple[bytes, int]:
    """Return the sent bytes, at most a chunk more than `room`, and the file's time [s]."""
    pieces: list[bytes] = []
    total = 0
    while True:
        word, length = _REQUEST.unpack(await socket.read_exactly(_REQUEST.size))
        if word == b"DONE":
            return b"".join(pieces), length
        if word != b"DATA" or length > MAX_DATA:
            raise _Refused(f"invalid data message {word.hex()} of {length} bytes")
        piece = await socket.read_exactly(length)
        if total <= room:
            pieces.append(piece)
            total += length


def _put(files: FileTree, path: str, mode: int, data: bytes, mtime_s: int) -> None:
    """Write a file or link, with the parents that it lacks."""
    files.makedirs(path.rpartition("/")[0] or "/")
    if modes.S_ISLNK(mode):
        files.symlink(data.rstrip(b"\0").decode("utf-8", "surrogateescape"), path)
        return
    permissions = mode & 0o777
    # The real service gives the owner's rights to group and others too.
    permissions |= (permissions >> 3) & 0o070
    permissions |= (permissions >> 3) & 0o007
    files.write(path, data, mode=permissions)
    if files.stat(path).uid == files.uid:
        files.chmod(path, permissions)
        files.utime(path, mtime_s)


def _entries(files: FileTree, path: str) -> list[tuple[bytes, Stat]]:
    """Return names and facts of a directory; a directory that cannot be read is empty."""
    try:
        names = files.listdir(path)
    except OSError:
        return []
    pairs = []
    for name in names:
        try:
            facts = files.lstat(f"{path}/{name}")
        except OSError:
            continue
        pairs.append((name.encode("utf-8", "surrogateescape"), facts))
    return pairs


def _long_stat(word: bytes, look: Callable[[str], Stat], path: str) -> bytes:
    try:
        facts = look(path)
    except OSError as error:
        return _STAT_V2.pack(word, error.errno or errno.EIO, *[0] * 10)
    return _STAT_V2.pack(word, 0, *_long(facts))


def _short(facts: Stat) -> tuple[int, int, int]:
    return facts.mode, facts.size & 0xFFFFFFFF, facts.mtime_s & 0xFFFFFFFF


def _long(facts: Stat) -> tuple[int, ...]:
    """Return device, inode, mode, links, owner, group, size and three times."""
    times = (facts.mtime_s,) * 3
    return (0, 0, facts.mode, facts.nlink, facts.uid, facts.gid, facts.size, *times)


def _as_chunks(data: bytes) -> bytes:
    pieces = []
    for start in range(0, len(data), MAX_DATA):
        piece = data[start : start + MAX_DATA]
        pieces += [_REQUEST.pack(b"DATA", len(piece)), piece]
    return b"".join(pieces)


def _failure(reason: str) -> bytes:
    data = reason.encode("utf-8", "replace")
    return _REQUEST.pack(b"FAIL", len(data)) + data


_Answer = Callable[[FileTree, str, AdbSocket], Awaitable[None]]
_ANSWERS: dict[bytes, _Answer] = {
    b"STAT": _stat,
    b"STA2": _stat_v2,
    b"LST2": _lstat_v2,
    b"LIST": _list,
    b"LIS2": _list_v2,
    b"RECV": _receive,
    b"SEND": _send,
}
