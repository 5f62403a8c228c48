"""Writes the golden blocks: `python -m tests.golden.blocks`. Needed when the layout gets a version.

Each NAME.bin is a block; NAME.json has the rows that it must decode to, null where there is no
reading. Another zstd makes other bytes of the same payload, so nobody compares the bytes.
"""

import json
from pathlib import Path

import numpy as np

from fleet.traces import blocks
from fleet.traces.planes import LIMIT, Ints, Mask, or_none
from tests.performance.reference_data import ticks

HERE = Path(__file__).parent


def write(name: str, matrix: Ints, valid: Mask | None = None) -> None:
    """Write one block and its rows."""
    if valid is None:
        valid = np.ones(matrix.shape, dtype=np.bool_)
    (HERE / f"{name}.bin").write_bytes(blocks.encode(matrix, valid))
    rows = [or_none(values, ok) for values, ok in zip(matrix, valid, strict=True)]
    lines = ",\n".join(json.dumps(row) for row in rows)
    (HERE / f"{name}.json").write_text(f"[\n{lines}\n]\n")


def reference() -> tuple[Ints, Mask]:
    """Return the rows of the documented test vector."""
    matrix = np.array(
        [
            [0, 10_000, 20_003, 29_998, 40_001],
            [41_500, 41_530, 41_500, 41_400, 41_400],
            [1_800_000, 1_800_000, 300_000, 300_000, 2_800_000],
            [7, 7, 0, 7, 7],
        ],
        dtype=np.int64,
    )
    valid = np.ones(matrix.shape, dtype=np.bool_)
    valid[3, 2] = False
    return matrix, valid


def extremes() -> Ints:
    """Return deltas of every width, the largest numbers among them."""
    largest = LIMIT - 1
    return np.array(
        [
            [0, 1, 2, 3, 4, 5, 6, 7, 8],
            [0, 127, 0, -128, 0, 1, -1, 2, -2],
            [0, 32_767, -1, -32_768, 0, 128, -129, 256, 0],
            [0, 2**31 - 1, -1, -(2**31), 0, 65_536, -65_537, 1, 0],
            [largest, -largest, largest, 0, -largest, 2**40, -(2**40), 1, 0],
        ],
        dtype=np.int64,
    )


def nulls() -> tuple[Ints, Mask]:
    """Return nulls at both ends, in the middle, everywhere, and over more than one byte of map."""
    rows = np.arange(19, dtype=np.int64)
    matrix = np.stack([rows * 10_000, rows * 3 - 20, rows**4, rows * 0 + 5, rows % 2])
    valid = np.ones(matrix.shape, dtype=np.bool_)
    valid[1, :5] = False
    valid[2, 12:] = False
    valid[3] = False
    valid[4, ::3] = False
    return np.where(valid, matrix, 0), valid


def main() -> None:
    """Write them all."""
    write("reference", *reference())
    write("one_row", reference()[0][:, :1])
    write("extremes", extremes())
    write("nulls", *nulls())
    second = ticks(100, seed=7)
    write("one_second", np.concatenate([second.clock[None, :], second.raw]))


if __name__ == "__main__":
    main()
