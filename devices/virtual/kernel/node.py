"""One file that the kernel answers for."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    """A sysfs or proc file; both calls raise OSError as a kernel would."""

    read: Callable[[], bytes] | None
    write: Callable[[bytes], None] | None = None
    mode: int = 0o444
