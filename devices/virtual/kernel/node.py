"""One file that the kernel answers for."""

from collections.abc import Callable
from dataclasses import dataclass
from errno import EINVAL


@dataclass(frozen=True, slots=True)
class Node:
    """A sysfs or proc file; both calls raise OSError as a kernel would."""

    read: Callable[[], bytes] | None
    write: Callable[[bytes], None] | None = None
    mode: int = 0o444
    is_there: Callable[[], bool] | None = None  # of files that come and go, with their folder


def text(read: Callable[[], object]) -> Node:
    """Return a read-only file whose one line is `read()`."""
    return Node(lambda: f"{read()}\n".encode())


def constant(value: object) -> Callable[[], object]:
    """Return a reader of something that never changes."""
    return lambda: value


def writable(
    read: Callable[[], object],
    write: Callable[[str], None],
    is_there: Callable[[], bool] | None = None,
) -> Node:
    """Return a file of root's that others may read; `write` gets the word that was written."""
    return Node(text(read).read, lambda data: write(word_of(data)), 0o644, is_there)


def word_of(data: bytes) -> str:
    """Return what was written without the end of its line."""
    return data.decode(errors="replace").strip()


def whole(word: str) -> int:
    """Return a written number; raises OSError(EINVAL) for anything else."""
    if not (word.isdecimal() and word.isascii()):
        raise OSError(EINVAL, "Invalid argument")
    return int(word)
