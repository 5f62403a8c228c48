"""Walking a path through a phone's inodes, with the kernel's rules and its errno."""

import errno
import os
from collections.abc import Callable
from dataclasses import dataclass

from devices.virtual.userspace.inodes import Directory, Inode, Link

_MAX_PATH = 4096
_MAX_NAME = 255
_MAX_LINKS = 40  # as Linux counts before ELOOP


@dataclass(frozen=True, slots=True)
class Found:
    """Where a path leads: the directory that holds its last name, and what has that name."""

    parent: Directory
    name: str  # "" for the root itself
    inode: Inode | None  # None: the name is free

    @property
    def path(self) -> str:
        """The absolute path without links."""
        return f"{self.parent.path.rstrip('/')}/{self.name}"


def failure(number: int, path: str) -> OSError:
    """Return the OSError with the kernel's words for `number`."""
    return OSError(number, os.strerror(number), path)


class Walker:
    """One walk through the tree with the rights of one user."""

    def __init__(self, root: Directory, may_search: Callable[[Directory], bool]) -> None:
        self._root = root
        self._may_search = may_search
        self._links = 0

    def find(self, path: str, *, follow: bool = True) -> Found:
        """Follow `path` from the root; `follow` says whether a last link is followed too.

        Raises:
            OSError: ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG or EINVAL.
        """
        _check(path)
        self._links = 0
        found = self._walk(self._root, path, path, follow=follow)
        if path.endswith("/") and found.inode and not isinstance(found.inode, Directory):
            raise failure(errno.ENOTDIR, path)
        return found

    def _walk(self, start: Directory, path: str, asked: str, *, follow: bool) -> Found:
        here = self._root if path.startswith("/") else start
        names = [name for name in path.split("/") if name not in ("", ".")]
        found = _itself(here)
        for position, name in enumerate(names):
            is_last = position == len(names) - 1
            found = self._step(here, name, asked)
            if isinstance(found.inode, Link) and (follow or not is_last):
                found = self._through(here, found.inode, asked)
            if is_last:
                break
            here = _as_directory(found.inode, asked)
        return found

    def _step(self, here: Directory, name: str, asked: str) -> Found:
        """Go from one directory to one of its names."""
        if not self._may_search(here):
            raise failure(errno.EACCES, asked)
        if len(name.encode()) > _MAX_NAME:
            raise failure(errno.ENAMETOOLONG, asked)
        if name == "..":
            return _itself(here.parent or here)
        inode = here.entries.get(name)
        if inode and inode.is_there and not inode.is_there():
            inode = None
        return Found(here, name, inode)

    def _through(self, here: Directory, link: Link, asked: str) -> Found:
        self._links += 1
        if self._links > _MAX_LINKS:
            raise failure(errno.ELOOP, asked)
        return self._walk(here, link.target, asked, follow=True)


def _itself(directory: Directory) -> Found:
    """Return a directory as the end of a walk."""
    return Found(directory.parent or directory, directory.name, directory)


def _as_directory(inode: Inode | None, asked: str) -> Directory:
    if inode is None:
        raise failure(errno.ENOENT, asked)
    if not isinstance(inode, Directory):
        raise failure(errno.ENOTDIR, asked)
    return inode


def _check(path: str) -> None:
    if not path:
        raise failure(errno.ENOENT, path)
    if "\0" in path:
        raise failure(errno.EINVAL, path)
    if len(path.encode("utf-8", "surrogateescape")) >= _MAX_PATH:
        raise failure(errno.ENAMETOOLONG, path)
