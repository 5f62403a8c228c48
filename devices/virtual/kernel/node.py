"""Files that the kernel answers for: as all phones of a model have them, and as one phone does."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from errno import EINVAL
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from devices.virtual.kernel.machine import Machine

Read = Callable[["Machine"], object]


@dataclass(frozen=True, slots=True)
class Node:
    """A sysfs or proc file; both calls raise OSError as a kernel would."""

    read: Callable[[], bytes] | None
    write: Callable[[bytes], None] | None = None
    mode: int = 0o444
    is_there: Callable[[], bool] | None = None  # of files that come and go, with their folder


@dataclass(frozen=True, slots=True)
class KernelFile:
    """One file of a model; it keeps nothing of any phone, and is told which one it is asked on."""

    read: Callable[["Machine"], bytes] | None
    write: Callable[["Machine", bytes], None] | None = None
    mode: int = 0o444
    is_there: Callable[["Machine"], bool] | None = None

    def of(self, machine: "Machine") -> Node:
        """Return this file as it is on one phone."""
        return Node(
            self.read and partial(self.read, machine),
            self.write and partial(self.write, machine),
            self.mode,
            self.is_there and partial(self.is_there, machine),
        )


class Nodes(Mapping[str, Node]):
    """The files of one phone by absolute path, each made when it is asked for."""

    def __init__(self, machine: "Machine", files: Mapping[str, KernelFile]) -> None:
        self._machine = machine
        self._files = files

    def __getitem__(self, path: str) -> Node:
        return self._files[path].of(self._machine)

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


def text(read: Read) -> KernelFile:
    """Return a read-only file whose one line is what `read` says."""
    return KernelFile(lambda machine: f"{read(machine)}\n".encode())


def constant(value: object) -> Read:
    """Return a reader of something that never changes."""
    return lambda _machine: value


def writable(
    read: Read,
    write: Callable[["Machine", str], None],
    is_there: Callable[["Machine"], bool] | None = None,
) -> KernelFile:
    """Return a file of root's that others may read; `write` gets the word that was written."""
    return KernelFile(
        text(read).read, lambda machine, data: write(machine, word_of(data)), 0o644, is_there
    )


def word_of(data: bytes) -> str:
    """Return what was written without the end of its line."""
    return data.decode(errors="replace").strip()


def whole(word: str) -> int:
    """Return a written number; raises OSError(EINVAL) for anything else."""
    if not (word.isdecimal() and word.isascii()):
        raise OSError(EINVAL, "Invalid argument")
    return int(word)
