"""One phone's files: kernel nodes, generated texts and pushed files; never a file of the host."""

import errno
from collections.abc import Callable

from devices.virtual.kernel.node import Node
from devices.virtual.userspace.inodes import (
    PAGE,
    ROOT,
    SHELL,
    SHELL_GROUPS,
    Directory,
    File,
    Inode,
    Link,
    Mounted,
    Stat,
)
from devices.virtual.userspace.paths import Found, Walker, failure
from devices.virtual.userspace.volume import Volume

_READ, _WRITE, _SEARCH = 4, 2, 1


class FileTree:
    """A phone's files as one user sees them; every failure is the kernel's own errno."""

    def __init__(self, volume: Volume, uid: int = SHELL) -> None:
        self.volume = volume
        self.uid = uid
        self._groups = SHELL_GROUPS if uid == SHELL else frozenset({uid})
        self._walker = Walker(volume.root, lambda directory: self._may(directory, _SEARCH))

    def as_user(self, uid: int) -> "FileTree":
        """Return the same tree with the rights of `uid`."""
        return FileTree(self.volume, uid)

    def stat(self, path: str) -> Stat:
        """Return what stat(2) tells about what `path` leads to."""
        return self._existing(path).stat()

    def lstat(self, path: str) -> Stat:
        """Return what lstat(2) tells: about a last link itself."""
        return self._existing(path, follow=False).stat()

    def exists(self, path: str) -> bool:
        """Say whether `path` leads anywhere that this user can see."""
        try:
            self._existing(path)
        except OSError:
            return False
        return True

    def is_dir(self, path: str) -> bool:
        """Say whether `path` leads to a directory."""
        try:
            return isinstance(self._existing(path), Directory)
        except OSError:
            return False

    def may(self, path: str, want: int) -> bool:
        """Say whether this user may read (4), write (2) or execute (1), as access(2) does."""
        try:
            return self._may(self._existing(path), want)
        except OSError:
            return False

    def resolve(self, path: str) -> str:
        """Return the absolute path that `path` leads to, without links."""
        return self._walker.find(path).path

    def readlink(self, path: str) -> str:
        """Return where the link at `path` points."""
        inode = self._existing(path, follow=False)
        if not isinstance(inode, Link):
            raise failure(errno.EINVAL, path)
        return inode.target

    def listdir(self, path: str) -> list[str]:
        """Return the names in a directory, sorted."""
        inode = self._existing(path)
        if not isinstance(inode, Directory):
            raise failure(errno.ENOTDIR, path)
        self._demand(inode, _READ, path)
        return sorted(n for n, one in inode.entries.items() if not one.is_there or one.is_there())

    def read(self, path: str) -> bytes:
        """Return all bytes of a file."""
        inode = self._existing(path)
        if isinstance(inode, Directory):
            raise failure(errno.EISDIR, path)
        self._demand(inode, _READ, path)
        if isinstance(inode, Mounted):
            return _read_node(inode, path)
        assert isinstance(inode, File)
        return inode.read()

    def write(self, path: str, data: bytes, *, append: bool = False, mode: int = 0o644) -> None:
        """Make `data` the file's content, or add it at the end; `mode` is for a new file."""
        found = self._walker.find(path)
        inode = found.inode
        if inode is None:
            inode = self._create_file(found, path, mode)
        elif isinstance(inode, Directory):
            raise failure(errno.EISDIR, path)
        else:
            self._demand(inode, _WRITE, path)
        if isinstance(inode, Mounted):
            _write_node(inode, data, path)
        elif isinstance(inode, File):
            self.volume.store(inode, data, path, append=append)

    def mkdir(self, path: str, mode: int = 0o755) -> None:
        """Make a directory whose parent exists."""
        found = self._free(path.rstrip("/") or path)
        directory = Directory(name=found.name, parent=found.parent, permissions=mode)
        self._add(found, directory, path)

    def makedirs(self, path: str, mode: int = 0o755) -> None:
        """Make a directory and the parents that it lacks."""
        at = ""
        for name in path.strip("/").split("/"):
            at = f"{at}/{name}"
            if not self.is_dir(at):
                self.mkdir(at, mode)

    def symlink(self, target: str, path: str) -> None:
        """Make `path` a link to `target`."""
        self._add(self._free(path), Link(target=target, permissions=0o777), path)

    def remove(self, path: str) -> None:
        """Remove a file or a link."""
        found = self._removable(path)
        if isinstance(found.inode, Directory):
            raise failure(errno.EISDIR, path)
        self.volume.forget(found)

    def rmdir(self, path: str) -> None:
        """Remove an empty directory."""
        found = self._removable(path)
        if not isinstance(found.inode, Directory):
            raise failure(errno.ENOTDIR, path)
        if found.inode.entries:
            raise failure(errno.ENOTEMPTY, path)
        self.volume.forget(found)

    def rename(self, old: str, new: str) -> None:
        """Move a file or directory, replacing a file or an empty directory at `new`."""
        source = self._removable(old)
        moved = source.inode
        target = self._walker.find(new, follow=False)
        assert moved is not None
        self._demand_changeable(target.parent, new)
        if target.inode is moved:
            return
        if isinstance(moved, Directory) and _holds(moved, target.parent):
            raise failure(errno.EINVAL, new)
        if target.inode is not None:
            _check_replaceable(moved, target.inode, new)
            self.volume.forget(target)
        del source.parent.entries[source.name]
        target.parent.entries[target.name] = moved
        if isinstance(moved, Directory):
            moved.name, moved.parent = target.name, target.parent

    def chmod(self, path: str, mode: int) -> None:
        """Set the permission bits."""
        self._own(path).permissions = mode & 0o7777

    def chown(self, path: str, uid: int, gid: int) -> None:
        """Give a file away, which only root may."""
        inode = self._own(path)
        if self.uid != ROOT:
            raise failure(errno.EPERM, path)
        inode.uid, inode.gid = uid, gid

    def utime(self, path: str, mtime_s: int) -> None:
        """Set the time of the last change [s since the epoch]."""
        self._own(path).mtime_s = mtime_s

    def mount(
        self,
        path: str,
        node: Node,
        *,
        size: int | None = None,
        is_device: bool = False,
        before: Callable[[], object] | None = None,
    ) -> None:
        """Show a kernel node or a generated text at `path`, making its parents.

        `before` is called whenever somebody is about to read or write it.
        """
        parent = self.volume.make_mount_point(path.rpartition("/")[0])
        if size is None:
            size = PAGE if path.startswith("/sys/") else 0
        if node.is_there:
            parent.is_there = node.is_there
        parent.entries[path.rpartition("/")[2]] = Mounted(
            permissions=node.mode,
            node=node,
            before=before,
            shown_size=size,
            is_device=is_device,
            mtime_s=self.volume.now_s(),
        )

    def _existing(self, path: str, *, follow: bool = True) -> Inode:
        inode = self._walker.find(path, follow=follow).inode
        if inode is None:
            raise failure(errno.ENOENT, path)
        return inode

    def _free(self, path: str) -> Found:
        found = self._walker.find(path, follow=False)
        if found.inode is not None:
            raise failure(errno.EEXIST, path)
        return found

    def _removable(self, path: str) -> Found:
        found = self._walker.find(path, follow=False)
        if found.inode is None:
            raise failure(errno.ENOENT, path)
        if found.inode is self.volume.root:
            raise failure(errno.EBUSY, path)
        if isinstance(found.inode, Mounted) and found.parent.refuses != errno.EROFS:
            raise failure(errno.EPERM, path)
        self._demand_changeable(found.parent, path)
        return found

    def _create_file(self, found: Found, path: str, mode: int) -> File:
        if path.endswith("/"):
            raise failure(errno.EISDIR, path)
        file = File(content=bytearray(), permissions=mode & 0o7777)
        self._add(found, file, path)
        return file

    def _add(self, found: Found, inode: Inode, path: str) -> None:
        self._demand_changeable(found.parent, path)
        inode.uid = inode.gid = self.uid
        self.volume.add(found, inode, path)

    def _own(self, path: str) -> Inode:
        """Return what this user may change the rights or the time of."""
        found = self._walker.find(path)
        if found.inode is None:
            raise failure(errno.ENOENT, path)
        if self.uid not in (ROOT, found.inode.uid):
            raise failure(errno.EPERM, path)
        if found.parent.refuses == errno.EROFS:
            raise failure(errno.EROFS, path)
        if found.name:
            found.parent.entries[found.name] = found.inode  # no longer like those of the model
        return found.inode

    def _demand_changeable(self, directory: Directory, path: str) -> None:
        if directory.refuses is not None:
            raise failure(directory.refuses, path)
        self._demand(directory, _WRITE | _SEARCH, path)

    def _demand(self, inode: Inode, want: int, path: str) -> None:
        if not self._may(inode, want):
            raise failure(errno.EACCES, path)

    def _may(self, inode: Inode, want: int) -> bool:
        if self.uid == ROOT:
            return True
        if inode.uid == self.uid:
            bits = inode.permissions >> 6
        elif inode.gid in self._groups:
            bits = inode.permissions >> 3
        else:
            bits = inode.permissions
        return bits & want == want


def _read_node(inode: Mounted, path: str) -> bytes:
    if inode.node.read is None:
        raise failure(errno.EACCES, path)
    if inode.before:
        inode.before()
    return inode.node.read()


def _write_node(inode: Mounted, data: bytes, path: str) -> None:
    if inode.node.write is None:
        raise failure(errno.EACCES, path)
    if inode.before:
        inode.before()
    inode.node.write(data)


def _holds(directory: Directory, other: Directory | None) -> bool:
    """Say whether `other` is `directory` or lies somewhere below it."""
    while other is not None and other is not directory:
        other = other.parent
    return other is directory


def _check_replaceable(moved: Inode, replaced: Inode, path: str) -> None:
    if isinstance(replaced, Directory):
        if not isinstance(moved, Directory):
            raise failure(errno.EISDIR, path)
        if replaced.entries:
            raise failure(errno.ENOTEMPTY, path)
    elif isinstance(moved, Directory):
        raise failure(errno.ENOTDIR, path)
