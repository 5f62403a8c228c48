"""A phone's file tree refuses what a kernel refuses, with its errno, and never leaves memory."""

import errno
import os
import re
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.virtual.kernel.node import Node
from devices.virtual.userspace.contents import SHARED_FROM, ContentStore
from devices.virtual.userspace.files import FileTree
from devices.virtual.userspace.inodes import ROOT, Directory, File, Inode
from devices.virtual.userspace.layout import new_tree
from devices.virtual.userspace.programs import all_programs, install

NOW_S = 1_700_000_000
TMP = "/data/local/tmp"


@pytest.fixture
def tree() -> FileTree:
    return new_tree(lambda: NOW_S, ContentStore())


def refused(number: int) -> AbstractContextManager[object]:
    """Expect an OSError with the kernel's words for this errno."""
    return pytest.raises(OSError, match=re.escape(f"[Errno {number}] {os.strerror(number)}"))


def test_what_was_written_is_read(tree: FileTree) -> None:
    tree.write(f"{TMP}/a", b"one")
    tree.write(f"{TMP}/a", b" two", append=True)
    assert tree.read(f"{TMP}/a") == b"one two"
    assert tree.stat(f"{TMP}/a").size == 7
    assert tree.stat(f"{TMP}/a").mtime_s == NOW_S


def test_a_shorter_write_leaves_nothing_of_the_longer_one(tree: FileTree) -> None:
    tree.write(f"{TMP}/a", b"longer")
    tree.write(f"{TMP}/a", b"ab")
    assert tree.read(f"{TMP}/a") == b"ab"
    assert tree.volume.used == 2


@pytest.mark.parametrize(
    ("act", "number"),
    [
        (lambda t: t.read(f"{TMP}/none"), errno.ENOENT),
        (lambda t: t.read(TMP), errno.EISDIR),
        (lambda t: t.read(f"{TMP}/f/below"), errno.ENOTDIR),
        (lambda t: t.read(f"{TMP}/f/"), errno.ENOTDIR),
        (lambda t: t.listdir(f"{TMP}/f"), errno.ENOTDIR),
        (lambda t: t.write(TMP, b""), errno.EISDIR),
        (lambda t: t.write(f"{TMP}/none/x", b""), errno.ENOENT),
        (lambda t: t.write("/system/x", b""), errno.EROFS),
        (lambda t: t.write("/x", b""), errno.EROFS),
        (lambda t: t.write("/sys/x", b""), errno.EACCES),
        (lambda t: t.write("/proc/x", b""), errno.ENOENT),
        (lambda t: t.write("/data/x", b""), errno.EACCES),
        (lambda t: t.mkdir(f"{TMP}/d"), errno.EEXIST),
        (lambda t: t.rmdir(f"{TMP}/d"), errno.ENOTEMPTY),
        (lambda t: t.rmdir(f"{TMP}/f"), errno.ENOTDIR),
        (lambda t: t.remove(f"{TMP}/d"), errno.EISDIR),
        (lambda t: t.remove(f"{TMP}/none"), errno.ENOENT),
        (lambda t: t.remove("/sys/knob"), errno.EPERM),
        (lambda t: t.rmdir("/"), errno.EBUSY),
        (lambda t: t.rename(f"{TMP}/d", f"{TMP}/d/e/inside"), errno.EINVAL),
        (lambda t: t.rename(f"{TMP}/f", f"{TMP}/d"), errno.EISDIR),
        (lambda t: t.rename(f"{TMP}/d", f"{TMP}/f"), errno.ENOTDIR),
        (lambda t: t.rename(f"{TMP}/d/e", f"{TMP}/d"), errno.ENOTEMPTY),
        (lambda t: t.chown(f"{TMP}/f", 0, 0), errno.EPERM),
        (lambda t: t.chmod("/sys/knob", 0o777), errno.EPERM),
        (lambda t: t.readlink(f"{TMP}/f"), errno.EINVAL),
        (lambda t: t.read(f"{TMP}/loop"), errno.ELOOP),
        (lambda t: t.read(""), errno.ENOENT),
        (lambda t: t.read("/a\0b"), errno.EINVAL),
        (lambda t: t.read(f"{TMP}/{'n' * 256}"), errno.ENAMETOOLONG),
        (lambda t: t.read("/x" * 2100), errno.ENAMETOOLONG),
        (lambda t: t.read("/sys/secret"), errno.EACCES),
        (lambda t: t.write("/sys/secret", b"1"), errno.EACCES),
        (lambda t: t.write("/sys/knob", b"many"), errno.EINVAL),
    ],
)
def test_refuses_as_a_kernel_does(
    tree: FileTree, act: Callable[[FileTree], object], number: int
) -> None:
    tree.write(f"{TMP}/f", b"")
    tree.makedirs(f"{TMP}/d/e")
    tree.symlink("loop", f"{TMP}/loop")
    tree.mount("/sys/secret", Node(lambda: b"", None, 0o400))
    tree.mount("/sys/knob", Node(lambda: b"1\n", _refuse, 0o666))
    with refused(number):
        act(tree)


def _refuse(_: bytes) -> None:
    raise OSError(errno.EINVAL, "Invalid argument")


def test_a_kernel_node_is_asked_at_each_read(tree: FileTree) -> None:
    values = iter([b"1\n", b"2\n"])
    tree.mount("/sys/class/thermal/thermal_zone0/temp", Node(lambda: next(values), None, 0o444))
    assert tree.read("/sys/class/thermal/thermal_zone0/temp") == b"1\n"
    assert tree.read("/sys/class/thermal/thermal_zone0/temp") == b"2\n"
    assert tree.listdir("/sys/class/thermal") == ["thermal_zone0"]
    assert tree.stat("/sys/class/thermal/thermal_zone0/temp").size == 4096


def test_root_writes_where_the_shell_may_not(tree: FileTree) -> None:
    seen: list[bytes] = []
    tree.mount("/sys/max_freq", Node(lambda: b"", seen.append, 0o644))
    with refused(errno.EACCES):
        tree.write("/sys/max_freq", b"1")
    tree.as_user(0).write("/sys/max_freq", b"1")
    assert seen == [b"1"]


def test_links_lead_where_they_point(tree: FileTree) -> None:
    tree.write("/sdcard/photo", b"p")
    assert tree.read("/storage/emulated/0/photo") == b"p"
    assert tree.resolve("/sdcard/photo") == "/storage/emulated/0/photo"
    tree.symlink("../tmp/target", f"{TMP}/link")
    tree.write(f"{TMP}/link", b"through")
    assert tree.read(f"{TMP}/target") == b"through"


def test_dots_stay_inside_the_phone(tree: FileTree) -> None:
    tree.write(f"{TMP}/a", b"x")
    assert tree.read(f"{TMP}/../../../../../../data/local/tmp/./a") == b"x"
    with refused(errno.ENOENT):
        tree.read("/../../../etc/passwd")


def test_a_renamed_directory_takes_its_files_along(tree: FileTree) -> None:
    tree.makedirs(f"{TMP}/old/deep")
    tree.write(f"{TMP}/old/deep/a", b"x")
    tree.rename(f"{TMP}/old", f"{TMP}/new")
    assert tree.read(f"{TMP}/new/deep/../deep/a") == b"x"
    assert tree.resolve(f"{TMP}/new/deep") == f"{TMP}/new/deep"
    assert not tree.exists(f"{TMP}/old")


def test_a_full_phone_takes_no_more_until_something_goes(tree: FileTree) -> None:
    tree.volume.quota = 10
    tree.write(f"{TMP}/a", b"12345678")
    with refused(errno.ENOSPC):
        tree.write(f"{TMP}/b", b"123")
    tree.remove(f"{TMP}/a")
    tree.write(f"{TMP}/b", b"123")
    assert tree.volume.used == 3


def test_equal_large_files_are_kept_once_for_all_phones() -> None:
    store = ContentStore()
    trees = [new_tree(lambda: NOW_S, store) for _ in range(2)]
    for tree in trees:
        tree.write(f"{TMP}/model", bytes(SHARED_FROM))
    first, second = (_file(tree, "data", "local", "tmp", "model") for tree in trees)
    assert first.content is second.content
    trees[0].write(f"{TMP}/model", b"more", append=True)
    assert len(trees[1].read(f"{TMP}/model")) == SHARED_FROM


def _file(tree: FileTree, *names: str) -> File:
    inode: Inode = tree.volume.root
    for name in names:
        assert isinstance(inode, Directory)
        inode = inode.entries[name]
    assert isinstance(inode, File)
    return inode


_NAMES = st.sampled_from(["a", "b", "..", ".", "link", "d"])
_PATHS = st.lists(_NAMES, min_size=1, max_size=5).map(lambda names: f"{TMP}/{'/'.join(names)}")
_ACTS = st.tuples(
    st.sampled_from(["write", "append", "mkdir", "remove", "rmdir", "rename", "symlink"]),
    _PATHS,
    _PATHS,
)


@given(st.lists(_ACTS, max_size=40))
def test_room_is_counted_right_whatever_is_done(acts: list[tuple[str, str, str]]) -> None:
    tree = new_tree(lambda: NOW_S, ContentStore())
    for act, path, other in acts:
        with suppress(OSError):
            _do(tree, act, path, other)
    assert tree.volume.used == _bytes_below(tree, TMP)


def _do(tree: FileTree, act: str, path: str, other: str) -> None:
    match act:
        case "write" | "append":
            tree.write(path, b"xyz", append=act == "append")
        case "rename":
            tree.rename(path, other)
        case "symlink":
            tree.symlink(other, path)
        case _:
            getattr(tree, act)(path)


def _bytes_below(tree: FileTree, path: str) -> int:
    total = 0
    for name in tree.listdir(path):
        facts = tree.lstat(f"{path}/{name}")
        if facts.mode & 0o170000 == 0o040000:
            total += _bytes_below(tree, f"{path}/{name}")
        elif facts.mode & 0o170000 == 0o100000:
            total += facts.size
    return total


@pytest.mark.parametrize(
    "act",
    [
        lambda tree: tree.chmod("/system/bin/ls", 0),
        lambda tree: tree.chown("/system/bin/ls", 1, 1),
        lambda tree: tree.utime("/system/bin/ls", 0),
    ],
)
def test_root_changes_nothing_on_a_partition_that_is_read_only(
    tree: FileTree, act: Callable[[FileTree], None]
) -> None:
    install(all_programs({}), tree)
    with refused(errno.EROFS):
        act(tree.as_user(ROOT))
    assert tree.stat("/system/bin/cat").mode & 0o777 == 0o755
