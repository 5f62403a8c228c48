"""Blocks and chunks hold exactly the bytes that their layout promises."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from fleet.traces import blocks, chunks, planes
from fleet.traces.planes import Ints, Mask

ROWS = np.array(
    [
        [0, 10000, 20003, 29998, 40001],
        [41500, 41530, 41500, 41400, 41400],
        [1800000, 1800000, 300000, 300000, 2800000],
        [7, 7, -5, 7, 7],  # -5 stands where the null is: it must not matter
    ],
    dtype=np.int64,
)
VALID = np.ones((4, 5), dtype=np.bool_)
VALID[3, 2] = False

HEADER = "0100 0400 05000000 02 01 04 81"
FIRST = "0000000000000000 1ca2000000000000 40771b0000000000 0700000000000000"
PAYLOAD = "3c3bc700 00000000 20261626 4e4e4e4e 00bf0040 00c6004b 002d004c 00000000 1b"


def test_block_of_the_reference_rows_has_the_documented_bytes() -> None:
    block = blocks.encode(ROWS, VALID)
    header = blocks.read_header(block)
    assert block[: header.size] == bytes.fromhex(HEADER + FIRST)
    assert blocks.payload(block, header) == bytes.fromhex(PAYLOAD)


def test_block_of_one_row_still_ends_in_a_frame() -> None:
    block = blocks.encode(ROWS[:, :1])
    header = blocks.read_header(block)
    assert (header.rows, header.payload_size) == (1, 0)
    assert len(block) > header.size
    assert np.array_equal(blocks.decode(block)[0], ROWS[:, :1])


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (0, "02 00000005 0000000000000000 20261626 4e4e4e4e"),
        (1, "01 00000005 000000000000a21c 3c3bc700"),
        (3, "81 00000005 0000000000000007 00000000 1b"),
    ],
)
def test_chunk_of_a_reference_row_has_the_documented_bytes(row: int, expected: str) -> None:
    assert chunks.encode(ROWS[row], VALID[row]) == bytes.fromhex(expected)


def test_null_repeats_the_last_valid_value_and_leading_nulls_the_first() -> None:
    values = np.array([[1, 2, 3, 4, 5], [1, 2, 3, 4, 5], [9, 9, 9, 9, 9]], dtype=np.int64)
    valid = np.array([[0, 0, 1, 0, 1], [1, 0, 0, 1, 0], [0, 0, 0, 0, 0]], dtype=np.bool_)
    held = planes.hold(values, valid)
    assert held.tolist() == [[3, 3, 3, 3, 5], [1, 1, 1, 4, 4], [0, 0, 0, 0, 0]]


@st.composite
def matrices(draw: st.DrawFn) -> tuple[Ints, Mask]:
    """A matrix with channels of very different magnitudes, and nulls up to whole channels."""
    shape = draw(st.tuples(st.integers(1, 8), st.integers(1, 40)))
    magnitude = draw(st.lists(st.integers(0, 48), min_size=shape[0], max_size=shape[0]))
    seed = draw(st.integers(0, 2**32 - 1))
    random = np.random.default_rng(seed)
    bound = np.left_shift(1, np.array(magnitude, dtype=np.int64))[:, None]
    matrix = random.integers(-bound, bound, shape, endpoint=True, dtype=np.int64)
    valid = draw(hnp.arrays(np.bool_, shape, elements=st.booleans()))
    return matrix, valid


@given(matrices())
def test_block_gives_back_every_value_and_every_null(drawn: tuple[Ints, Mask]) -> None:
    matrix, valid = drawn
    values, seen = blocks.decode(blocks.encode(matrix, valid))
    assert np.array_equal(seen, valid)
    assert np.array_equal(values[valid], matrix[valid])


@given(matrices())
def test_chunk_gives_back_every_value_and_every_null(drawn: tuple[Ints, Mask]) -> None:
    matrix, valid = drawn
    values, seen = chunks.decode(chunks.encode(matrix[-1], valid[-1]))
    assert np.array_equal(seen, valid[-1])
    assert np.array_equal(values[seen], matrix[-1][seen])


def test_largest_values_survive_and_larger_ones_are_refused() -> None:
    largest = planes.LIMIT - 1
    matrix = np.array([[0, 1], [largest, -largest]], dtype=np.int64)
    assert np.array_equal(blocks.decode(blocks.encode(matrix))[0], matrix)
    matrix[1, 1] = planes.LIMIT
    with pytest.raises(ValueError, match="2\\^49"):
        blocks.encode(matrix)


@pytest.mark.parametrize("cut", range(0, 80, 7))
def test_cut_block_is_refused_and_not_guessed(cut: int) -> None:
    block = blocks.encode(ROWS, VALID)
    with pytest.raises(blocks.BlockError):
        blocks.decode(block[:cut])


@given(st.binary(max_size=200))
def test_foreign_bytes_are_refused_or_decoded_but_never_crash(data: bytes) -> None:
    for decode, error in ((blocks.decode, blocks.BlockError), (chunks.decode, chunks.ChunkError)):
        try:
            decode(data)
        except error:
            continue
