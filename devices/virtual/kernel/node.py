"""One file of sysfs or procfs, backed by the machine."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    """What happens when somebody reads or writes the file; refusals are OSError."""

    read: Callable[[], bytes] | None
    write: Callable[[bytes], None] | None
    mode: int  # permission bits: 0o444, 0o644
