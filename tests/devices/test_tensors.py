"""Frames of the tensor connection: fixed bytes, any cut of the stream, hostile lengths, codecs."""

import struct
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.agent.codecs import CODECS, Tensor, decode_tensor, encode_tensor
from devices.agent.tensors import (
    HEADER,
    MAX_TENSOR_BYTES,
    Frame,
    FrameError,
    FrameReader,
    Kind,
    result_frame,
    text_frame,
)

#: Request 7: two float32 numbers, 1.0 and -2.0, sent at 5 ns.
VECTOR = bytes.fromhex(
    "46544231" "01030101" "0700000000000000"
    "0500000000000000" "0000000000000000" "0000000000000000"
    "02000000" "01000000" "01000000" "01000000" "08000000" "562687c3"
    "0000803f" "000000c0"
)  # fmt: skip


def blob(seed: int = 1, shape: tuple[int, ...] = (3, 5, 7)) -> Tensor:
    return np.random.default_rng(seed).normal(0, 3, shape).astype(np.float32)


def test_a_frame_has_the_bytes_that_other_languages_expect() -> None:
    numbers = np.array([1.0, -2.0], np.float32)
    assert encode_tensor(numbers, CODECS["fp32"], 7, 5).encode() == VECTOR
    (frame,) = FrameReader().feed(VECTOR)
    assert decode_tensor(frame).tolist() == [1.0, -2.0]


@given(st.data())
def test_frames_survive_every_cut_of_the_stream(data: st.DataObject) -> None:
    sent = [text_frame(Kind.HELLO, {"proto": 1}), encode_tensor(blob(), CODECS["fp16"], 2)]
    sent.append(result_frame(sent[1], encode_tensor(blob(2, (9,)), CODECS["fp32"], 2), 1, 2, 3))
    stream = b"".join(frame.encode() for frame in sent)
    reader, got = FrameReader(), []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        got += reader.feed(stream[:size])
        stream = stream[size:]
    assert got == sent
    assert got[2].timings == (1, 2, 3)
    assert decode_tensor(got[2]).shape == (9,)


@given(st.binary(max_size=300))
def test_any_bytes_are_frames_or_one_clear_refusal(data: bytes) -> None:
    try:
        for frame in FrameReader().feed(data):
            decode_tensor(frame)
    except FrameError:
        return


@given(st.integers(0, len(VECTOR) - 1), st.integers(1, 255))
def test_a_flipped_byte_never_passes_for_other_numbers(at: int, flip: int) -> None:
    data = bytearray(VECTOR)
    data[at] ^= flip
    try:
        frames = FrameReader().feed(bytes(data))
        # What survives says itself that it is not what was sent, or differs in stamps alone.
        for frame in frames:
            assert frame.payload == VECTOR[HEADER.size :]
            decode_tensor(frame)
    except FrameError:
        return


@pytest.mark.parametrize(
    ("kind", "size"),
    [(Kind.TENSOR, MAX_TENSOR_BYTES + 1), (Kind.HELLO, 4097), (Kind.PING, 65537)],
)
def test_an_announced_length_is_refused_before_it_is_read(kind: Kind, size: int) -> None:
    head = bytearray(Frame(kind).encode())
    head[56:60] = struct.pack("<I", size)
    with pytest.raises(FrameError, match=f"announces {size} bytes; at most"):
        FrameReader().feed(bytes(head))


def test_a_wrong_crc_is_refused() -> None:
    with pytest.raises(FrameError, match="the CRC of its payload is wrong"):
        FrameReader().feed(VECTOR[:-1] + b"\x00")


def test_a_shape_that_its_bytes_do_not_fill_is_refused() -> None:
    short = replace(encode_tensor(blob(), CODECS["fp32"], 1), payload=b"\0" * 8)
    with pytest.raises(FrameError, match="8 bytes for a shape that needs 420"):
        decode_tensor(short)


@pytest.mark.parametrize("packing", ["zlib", "zstd"])
def test_a_bomb_is_not_unpacked_beyond_its_shape(packing: str) -> None:
    bomb = encode_tensor(np.zeros((1, 1000, 1000), np.float32), CODECS[f"fp32+{packing}"], 1)
    with pytest.raises(FrameError, match="17 bytes for a shape that needs 16"):
        decode_tensor(replace(bomb, shape=(4,)))


@pytest.mark.parametrize("name", CODECS)
def test_codecs_keep_what_they_promise(name: str) -> None:
    sent = blob()
    frame = encode_tensor(sent, CODECS[name], 1)
    got = decode_tensor(frame)
    allowed = {"fp32": 0.0, "fp16": 0.005, "int8": float(np.abs(sent).max()) / 127 / 2 * 1.001}
    assert np.abs(got - sent).max() <= allowed[name.partition("+")[0]]
    if "+" not in name:
        assert len(frame.payload) == CODECS[name].bytes_of(sent.size)


@pytest.mark.parametrize("name", ["int8", "fp16"])
def test_nothing_and_too_much_can_be_sent(name: str) -> None:
    for value in (0.0, 1e30):
        got = decode_tensor(encode_tensor(np.full(4, value, np.float32), CODECS[name], 1))
        assert np.isfinite(got).all()


def test_zeros_become_few_bytes_when_packed() -> None:
    zeros = np.zeros((8, 32, 32), np.float32)
    assert len(encode_tensor(zeros, CODECS["fp16+zstd"], 1).payload) < 200
