"""What all users of one phone's file tree share: the inodes, the room for them, the time."""

import errno
from collections.abc import Callable
from dataclasses import dataclass

from devices.virtual.userspace.contents import ContentStore
from devices.virtual.userspace.inodes import Directory, File, Inode
from devices.virtual.userspace.paths import Found, failure

QUOTA = 2 << 30  # bytes of pushed files per phone: all of our networks fit, 1.6 GB
MAX_INODES = 20_000  # of pushed files, directories and links


@dataclass(slots=True)
class Volume:
    """The tree of one phone and what is left of its room."""

    root: Directory
    contents: ContentStore
    now_s: Callable[[], int]  # the phone's wall clock [s since the epoch]
    quota: int = QUOTA  # [bytes]
    used: int = 0  # [bytes]
    taken: int = 0  # by what nobody here wrote, such as a fault that fills the disk [bytes]
    inodes: int = 0

    @property
    def room(self) -> int:
        """What is left [bytes]."""
        return max(0, self.quota - self.used - self.taken)

    def add(self, found: Found, inode: Inode, path: str) -> None:
        """Give a free name to a new inode."""
        if self.inodes >= MAX_INODES:
            raise failure(errno.ENOSPC, path)
        self.inodes += 1
        inode.mtime_s = self.now_s()
        found.parent.entries[found.name] = inode

    def forget(self, found: Found) -> None:
        """Take a name and its inode away."""
        inode = found.parent.entries.pop(found.name)
        self.inodes -= 1
        if isinstance(inode, File):
            self.used -= inode.size

    def store(self, file: File, data: bytes, path: str, *, append: bool) -> None:
        """Make `data` the content of a file, or add it at the end; ENOSPC beyond the quota."""
        growth = len(data) if append else len(data) - file.size
        if growth > self.room and growth > 0:
            raise failure(errno.ENOSPC, path)
        if append:
            file.append(data)
        else:
            file.content = self.contents.keep(data)
        self.used += growth
        file.mtime_s = self.now_s()

    def make_mount_point(self, path: str) -> Directory:
        """Return the directory at `path`, made with its parents if it is missing."""
        here = self.root
        for name in path.strip("/").split("/"):
            below = here.entries.get(name)
            if not isinstance(below, Directory):
                below = Directory(
                    name=name,
                    parent=here,
                    permissions=0o755,
                    refuses=here.refuses,
                    mtime_s=self.now_s(),
                )
                here.entries[name] = below
            here = below
        return here
