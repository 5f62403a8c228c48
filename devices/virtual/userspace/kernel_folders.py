"""The kernel's folders on one phone: inodes made of the model's files whenever somebody looks.

A phone has a thousand such files and hundreds of phones may be in one process, so nothing of them
is kept but what somebody has changed.
"""

import errno
from collections.abc import Callable, Iterator, MutableMapping
from functools import partial
from typing import TYPE_CHECKING

from devices.virtual.kernel.folders import Folder
from devices.virtual.kernel.node import KernelFile
from devices.virtual.userspace.inodes import PAGE, Directory, Inode, Mounted
from devices.virtual.userspace.paths import failure

if TYPE_CHECKING:
    from devices.virtual.kernel.machine import Machine


class KernelFiles:
    """The files of one machine, as inodes."""

    def __init__(
        self, machine: "Machine", now_s: int, before: Callable[[], object] | None = None
    ) -> None:
        self.changed: dict[tuple[Folder, str], Inode] = {}
        self._machine = machine
        self._now_s = now_s  # when they appeared [s since the epoch]
        self._before = before

    def show(self, below: Directory, folder: Folder | None = None) -> None:
        """Put the files into a real directory and the real ones below it; none is replaced."""
        for name, entry in (folder or self._machine.files.shown).entries.items():
            real = below.entries.get(name)
            if isinstance(real, Directory) and isinstance(entry, Folder):
                self.show(real, entry)
            else:
                below.entries[name] = self.inode(name, entry, below)

    def inode(self, name: str, entry: Folder | KernelFile, parent: Directory) -> Inode:
        """Return what has this name in a directory."""
        if isinstance(entry, KernelFile):
            node = entry.of(self._machine)
            return Mounted(
                permissions=node.mode,
                mtime_s=self._now_s,
                is_there=node.is_there,
                node=node,
                before=self._before,
                shown_size=PAGE if parent.path.startswith("/sys/") else 0,
            )
        directory = Directory(
            permissions=0o755,
            mtime_s=self._now_s,
            is_there=entry.is_there and partial(entry.is_there, self._machine),
            name=name,
            parent=parent,
            refuses=parent.refuses,
        )
        directory.entries = _Entries(self, entry, directory)
        return directory


class _Entries(MutableMapping[str, Inode]):
    """What is in one folder."""

    def __init__(self, files: KernelFiles, folder: Folder, directory: Directory) -> None:
        self._files, self._folder, self._directory = files, folder, directory

    def __getitem__(self, name: str) -> Inode:
        changed = self._files.changed.get((self._folder, name))
        if changed is not None:
            return changed
        return self._files.inode(name, self._folder.entries[name], self._directory)

    def __setitem__(self, name: str, inode: Inode) -> None:
        self._files.changed[self._folder, name] = inode

    def __delitem__(self, name: str) -> None:
        raise failure(errno.EPERM, f"{self._directory.path}/{name}")

    def __iter__(self) -> Iterator[str]:
        mounted = [name for folder, name in self._files.changed if folder is self._folder]
        return iter(dict.fromkeys([*self._folder.entries, *mounted]))

    def __len__(self) -> int:
        return sum(1 for _ in self)
