"""The golden blocks decode to their rows; JavaScript reads the same files."""

import json
from pathlib import Path

import numpy as np
import pytest

from fleet.traces import blocks
from fleet.traces.planes import or_none

FILES = sorted((Path(__file__).parents[2] / "golden" / "blocks").glob("*.bin"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_golden_block_decodes_to_its_rows(path: Path) -> None:
    values, valid = blocks.decode(path.read_bytes())
    rows = json.loads(path.with_suffix(".json").read_text())
    assert [or_none(v, ok) for v, ok in zip(values, valid, strict=True)] == rows


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_our_encoder_still_makes_the_golden_payload(path: Path) -> None:
    golden = path.read_bytes()
    rows = json.loads(path.with_suffix(".json").read_text())
    valid = np.array([[value is not None for value in row] for row in rows])
    matrix = np.array([[value or 0 for value in row] for row in rows], dtype=np.int64)
    ours = blocks.encode(matrix, valid)
    header = blocks.read_header(golden)
    assert ours[: header.size] == golden[: header.size]
    assert blocks.payload(ours, header) == blocks.payload(golden, header)


def test_golden_blocks_cover_every_width_and_nulls() -> None:
    headers = [blocks.read_header(path.read_bytes()) for path in FILES]
    assert {int(w) for header in headers for w in header.widths} == {1, 2, 4, 8}
    assert any(header.has_nulls.any() for header in headers)
    assert any(header.rows == 1 for header in headers)
