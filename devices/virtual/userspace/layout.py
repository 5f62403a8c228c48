"""The directories that every Android phone has, and which of them can be changed."""

import errno
from collections.abc import Callable

from devices.virtual.kernel.node import Node
from devices.virtual.userspace.contents import ContentStore
from devices.virtual.userspace.files import FileTree
from devices.virtual.userspace.inodes import ROOT, SHELL, SYSTEM, Directory, Inode, Link
from devices.virtual.userspace.volume import Volume

# path, permissions, owner, errno for whoever creates or removes a name (None: allowed)
_DIRECTORIES: tuple[tuple[str, int, int, int | None], ...] = (
    ("/proc", 0o555, ROOT, errno.ENOENT),
    ("/sys", 0o755, ROOT, errno.EACCES),
    ("/dev", 0o755, ROOT, errno.EACCES),
    ("/system", 0o755, ROOT, errno.EROFS),
    ("/system/bin", 0o751, ROOT, errno.EROFS),
    ("/system/etc", 0o755, ROOT, errno.EROFS),
    ("/vendor", 0o755, ROOT, errno.EROFS),
    ("/vendor/bin", 0o751, ROOT, errno.EROFS),
    ("/data", 0o771, SYSTEM, None),
    ("/data/local", 0o751, ROOT, None),
    ("/data/local/tmp", 0o771, SHELL, None),
    ("/storage", 0o755, ROOT, errno.EROFS),
    ("/storage/emulated", 0o755, ROOT, errno.EROFS),
    ("/storage/emulated/0", 0o770, SHELL, None),
    ("/mnt", 0o755, ROOT, errno.EROFS),
    ("/cache", 0o770, SYSTEM, None),
)
_LINKS = {
    "/bin": "/system/bin",
    "/etc": "/system/etc",
    "/sdcard": "/storage/emulated/0",
}


def new_tree(now_s: Callable[[], int], contents: ContentStore) -> FileTree:
    """Return the tree of a phone that nobody has pushed anything to."""
    root = Directory(name="", parent=None, permissions=0o755, refuses=errno.EROFS)
    for path, permissions, owner, refuses in _DIRECTORIES:
        parent, name = _place(root, path)
        parent.entries[name] = Directory(
            name=name,
            parent=parent,
            permissions=permissions,
            uid=owner,
            gid=owner,
            mtime_s=now_s(),
            refuses=refuses,
        )
    for path, target in _LINKS.items():
        parent, name = _place(root, path)
        parent.entries[name] = Link(target=target, permissions=0o777, mtime_s=now_s())
    tree = FileTree(Volume(root, contents, now_s))
    tree.mount("/dev/null", Node(lambda: b"", lambda _: None, 0o666), is_device=True)
    return tree


def _place(root: Directory, path: str) -> tuple[Directory, str]:
    *parents, name = path.strip("/").split("/")
    here: Inode = root
    for parent in parents:
        assert isinstance(here, Directory)
        here = here.entries[parent]
    assert isinstance(here, Directory)
    return here, name
