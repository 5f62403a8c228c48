"""Lines of the agent protocol, read from golden files and from whatever hypothesis invents."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.agent.messages import MAX_COMMAND_BYTES
from devices.agent.naming import channel_of
from devices.agent.wire import (
    BadFrame,
    LineReader,
    data_line,
    decode_data,
    encode_column,
    encode_line,
)

GOLDEN = Path(__file__).parents[1] / "golden" / "agent"


def golden(name: str) -> list[dict[str, Any]]:
    """Return the cases of one golden file."""
    return [json.loads(line) for line in (GOLDEN / name).read_text("utf-8").splitlines()]


@pytest.mark.parametrize("case", golden("frames.ndjson"), ids=lambda case: case["bytes"][:40])
def test_a_strict_reader_reads_golden_frames_and_refuses_the_bad_ones(case: dict[str, Any]) -> None:
    (frame,) = LineReader(MAX_COMMAND_BYTES, strict=True).feed(case["bytes"].encode())
    if case.get("bad"):
        assert isinstance(frame, BadFrame)
    else:
        assert frame == case["line"]


@pytest.mark.parametrize("case", golden("data.ndjson"), ids=lambda case: str(case["line"]["n"]))
def test_golden_data_lines_give_these_rows(case: dict[str, Any]) -> None:
    if case.get("bad"):
        with pytest.raises(ValueError, match=r"data line|column"):
            decode_data(case["line"])
        return
    batch = decode_data(case["line"])
    assert batch.t_ns.tolist() == case["t_ns"]
    assert batch.raw.tolist() == case["raw"]
    assert batch.valid.tolist() == case["valid"]
    assert batch.i0 == case["line"]["i0"]


@pytest.mark.parametrize("case", golden("channels.ndjson"), ids=lambda case: case["id"])
def test_sensor_ids_become_these_channels(case: dict[str, Any]) -> None:
    channel = channel_of(case["id"], case["unit"], {0: "little", 4: "big"})
    assert (channel.name, channel.unit, channel.exp) == (case["name"], case["si"], case["exp"])


def test_a_unit_that_nobody_knows_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"furlong.*known: ns"):
        channel_of("thermal:skin", "furlong", {})


KEYS = st.text(st.characters(codec="utf-8"), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 63), (1 << 63) - 1) | KEYS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=8,
)
LINES = st.dictionaries(KEYS, VALUES, max_size=5)


@given(st.lists(LINES, max_size=5), st.lists(st.integers(1, 40), min_size=1))
def test_lines_survive_any_cutting_of_the_stream(
    lines: list[dict[str, Any]], cuts: list[int]
) -> None:
    stream = b"".join(encode_line(line) for line in lines)
    assert stream.isascii()
    reader = LineReader(strict=True)
    seen = []
    turn = 0
    while stream:
        size = cuts[turn % len(cuts)]
        seen += reader.feed(stream[:size])
        stream, turn = stream[size:], turn + 1
    assert seen == lines


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_give_frames_and_never_an_exception(data: bytes, strict: bool) -> None:
    reader = LineReader(limit=50, strict=strict)
    frames = reader.feed(data) + reader.feed(b'\n{"op":"ping"}\n')
    assert frames[-1] == {"op": "ping"}


def test_an_overlong_line_is_reported_once_and_skipped() -> None:
    reader = LineReader(limit=20)
    frames = [frame for _ in range(10) for frame in reader.feed(b"x" * 10)]
    frames += reader.feed(b'x\n{"a":1}\n')
    assert [type(frame) for frame in frames] == [BadFrame, dict]


CELLS = st.lists(st.none() | st.integers(-(1 << 48), 1 << 48), min_size=1, max_size=30)


@given(CELLS)
def test_a_column_comes_back_as_it_went(cells: list[int | None]) -> None:
    clock: list[int | None] = list(range(len(cells)))
    line = data_line(1, 0, 5, [clock, cells])
    assert line["cols"][1] == encode_column(cells)
    batch = decode_data(line)
    back = [
        int(value) if valid else None
        for value, valid in zip(batch.raw[0], batch.valid[0], strict=True)
    ]
    assert back == cells
    assert (batch.trial, batch.group, batch.i0, batch.rows) == (1, 0, 5, len(cells))


def test_a_null_repeats_the_number_before_it_so_that_it_costs_nothing() -> None:
    batch = decode_data(data_line(1, 0, 0, [[1, 2, 3, 4], [None, 7, None, 9]]))
    assert batch.raw.tolist() == [[7, 7, 7, 9]]
    assert batch.raw.dtype == np.int64
