"""A digest of rows that does not depend on how they were cut into batches."""

from collections.abc import Sequence
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

_NULL = int(np.iinfo(np.int64).min)


class RowDigest:
    """sha256 over the channel values of consecutive rows, row by row; the clock is left out."""

    def __init__(self) -> None:
        self.rows = 0
        self._hash = sha256()

    def update(self, raw: NDArray[np.int64], valid: NDArray[np.bool_]) -> None:
        """Add rows given as [channels, rows]; what is not valid counts as one and the same null."""
        self._add(np.where(valid, raw, _NULL))

    def add_columns(self, columns: Sequence[Sequence[int | None]]) -> None:
        """Add rows given as one list per channel."""
        plain = [
            [_NULL if cell is None else cell for cell in column] if None in column else column
            for column in columns
        ]
        self._add(np.array(plain, dtype=np.int64))

    def _add(self, table: NDArray[np.int64]) -> None:
        self.rows += int(table.shape[1])
        self._hash.update(np.ascontiguousarray(table.T, dtype="<i8").tobytes())

    def hexdigest(self) -> str:
        """Return the digest so far."""
        return self._hash.hexdigest()
