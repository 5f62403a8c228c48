"""What a phone's file tree is made of: files, directories, links and kernel nodes."""

import stat as modes
from abc import ABC, abstractmethod
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field

from devices.virtual.kernel.node import Node
from devices.virtual.userspace.contents import Content

ROOT = 0
SYSTEM = 1000
SHELL = 2000
PAGE = 4096  # the size that sysfs shows for its files
# The groups that Android gives to adb's shell: input, log, adb, sdcard, network and the like.
SHELL_GROUPS = frozenset({SHELL, 1004, 1007, 1011, 1015, 1028, 1078, 3001, 3002, 3003, 3006, 3009})


@dataclass(frozen=True, slots=True)
class Stat:
    """What stat(2) tells."""

    mode: int  # with the S_IF bits
    size: int  # [bytes]
    mtime_s: int  # [s since the epoch, the phone's clock]
    uid: int
    gid: int
    nlink: int


@dataclass(slots=True, kw_only=True, eq=False)
class Inode(ABC):
    """What every kind has."""

    permissions: int
    uid: int = ROOT
    gid: int = ROOT
    mtime_s: int = 0
    is_there: Callable[[], bool] | None = None  # None: always

    @property
    @abstractmethod
    def kind(self) -> int:
        """The S_IF bits."""

    @property
    def size(self) -> int:
        """The size that stat shows [bytes]."""
        return 0

    def stat(self) -> Stat:
        """Return what stat(2) tells."""
        nlink = 2 if self.kind == modes.S_IFDIR else 1
        mode = self.kind | self.permissions
        return Stat(mode, self.size, self.mtime_s, self.uid, self.gid, nlink)


@dataclass(slots=True, kw_only=True, eq=False)
class File(Inode):
    """A file whose bytes are in memory: shared while whole, its own once appended to."""

    content: Content | bytearray

    @property
    def kind(self) -> int:
        """A regular file."""
        return modes.S_IFREG

    @property
    def size(self) -> int:
        """How many bytes it holds."""
        return len(self.content.data if isinstance(self.content, Content) else self.content)

    def read(self) -> bytes:
        """Return the bytes."""
        return self.content.data if isinstance(self.content, Content) else bytes(self.content)

    def append(self, data: bytes) -> None:
        """Add `data` at the end."""
        if isinstance(self.content, Content):
            self.content = bytearray(self.content.data)
        self.content += data


@dataclass(slots=True, kw_only=True, eq=False)
class Directory(Inode):
    """Names of other inodes; `refuses` is the errno for whoever creates or removes a name."""

    name: str  # in its parent
    parent: "Directory | None"  # None: the root
    refuses: int | None = None
    entries: MutableMapping[str, Inode] = field(default_factory=dict)

    @property
    def kind(self) -> int:
        """A directory."""
        return modes.S_IFDIR

    @property
    def size(self) -> int:
        """What ext4 and f2fs show for a small directory."""
        return 0 if self.refuses else 4096

    @property
    def path(self) -> str:
        """The absolute path without links."""
        if self.parent is None:
            return "/"
        return f"{self.parent.path.rstrip('/')}/{self.name}"


@dataclass(slots=True, kw_only=True, eq=False)
class Link(Inode):
    """A symbolic link."""

    target: str

    @property
    def kind(self) -> int:
        """A symbolic link."""
        return modes.S_IFLNK

    @property
    def size(self) -> int:
        """The length of its target."""
        return len(self.target.encode())


@dataclass(slots=True, kw_only=True, eq=False)
class Mounted(Inode):
    """A file that the kernel makes up when somebody reads it."""

    node: Node
    before: Callable[[], object] | None = None  # what moves the phone on before anybody looks
    shown_size: int = 0
    is_device: bool = False

    @property
    def kind(self) -> int:
        """A regular file as in sysfs, or a character device as in /dev."""
        return modes.S_IFCHR if self.is_device else modes.S_IFREG

    @property
    def size(self) -> int:
        """Sysfs shows one page, procfs and devices nothing."""
        return self.shown_size
