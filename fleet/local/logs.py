"""Keeps the children's logs from filling the disk."""

import os
from pathlib import Path

LARGEST_LOG = 8 << 20  # [bytes]
KEPT = 1 << 20  # [bytes]


def cap(log: Path) -> None:
    """Empty a log that has grown too large; its end stays in `NAME.log.1`.

    The children append, so they go on at the new end.
    """
    if not log.exists() or log.stat().st_size <= LARGEST_LOG:
        return
    with log.open("rb") as file:
        file.seek(-KEPT, os.SEEK_END)
        log.with_suffix(".log.1").write_bytes(file.read())
    os.truncate(log, 0)
