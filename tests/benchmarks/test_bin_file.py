"""The strict reader of weights: every byte has an owner, and numbers stay what they were."""

import struct
from pathlib import Path

import ncnn
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from benchmarks.families.bin_file import FLOAT16, INT8, BinFileError, as_float32
from benchmarks.families.param_file import read_layers

PARAM = b"""7767517
3 3
Input data 0 1 data 0=5 1=5 2=3
Convolution conv 1 1 data conv 0=3 1=3 3=1 4=1 5=1 6=81
InnerProduct fc 1 1 conv fc 0=2 1=0 2=150
"""
NETWORK = read_layers(PARAM)
_RANDOM = np.random.default_rng(5)
CONV, BIAS, FC = (_RANDOM.normal(size=size).astype("<f2").astype("<f4") for size in (81, 3, 150))
ZERO = b"\0\0\0\0"
WIDE = ZERO + CONV.tobytes() + BIAS.tobytes() + ZERO + FC.tobytes()


def halves() -> bytes:
    """Return the same weights as an exporter writes them in 16 bits: biases stay wide."""
    tag = struct.pack("<I", FLOAT16)
    odd = CONV.astype("<f2").tobytes() + b"\0\0"  # 81 numbers, filled up to four bytes
    return tag + odd + BIAS.tobytes() + tag + FC.astype("<f2").tobytes()


def native(file: Path, weights: bytes) -> NDArray[np.float32]:
    """Return what the native library computes with a `.bin`."""
    net = ncnn.Net()
    net.opt.use_fp16_storage = net.opt.use_fp16_packed = net.opt.use_fp16_arithmetic = False
    file.write_bytes(weights)
    assert net.load_param_mem(PARAM.decode()) == 0
    assert net.load_model(str(file)) == 0
    image = np.linspace(-1, 1, 75, dtype=np.float32).reshape(3, 5, 5)
    with net.create_extractor() as extractor:
        extractor.input("data", ncnn.Mat(image).clone())
        return np.array(extractor.extract("fc")[1], np.float32)


def test_float32_stays_byte_for_byte() -> None:
    assert as_float32(NETWORK, WIDE) == WIDE


def test_16_bits_are_widened_without_a_change_of_any_number() -> None:
    assert as_float32(NETWORK, halves()) == WIDE
    assert len(halves()) < len(WIDE)


def test_the_native_library_reads_16_bits_as_we_do(tmp_path: Path) -> None:
    seen = native(tmp_path / "halves", halves())
    assert seen == pytest.approx(native(tmp_path / "wide", WIDE), abs=1e-6)


@pytest.mark.parametrize(
    ("missing", "layer"), [(1, "fc"), (604, "fc"), (605, "conv"), (len(WIDE), "conv")]
)
def test_a_truncated_bin_is_refused_with_its_layer(missing: int, layer: str) -> None:
    with pytest.raises(BinFileError, match=rf"ends inside layer '{layer}'.*cut short"):
        as_float32(NETWORK, WIDE[: len(WIDE) - missing])


def test_more_bytes_than_the_layers_need_are_refused() -> None:
    with pytest.raises(BinFileError, match=r"12 bytes more.*another network"):
        as_float32(NETWORK, WIDE + 3 * ZERO)


def test_quantized_weights_are_refused_in_words() -> None:
    with pytest.raises(BinFileError, match=r"'conv' is quantized to 8 bits.*without quantization"):
        as_float32(NETWORK, struct.pack("<I", INT8) + WIDE[4:])


def test_an_unknown_tag_is_refused() -> None:
    with pytest.raises(BinFileError, match="tag 0x00000007"):
        as_float32(NETWORK, b"\7\0\0\0" + WIDE[4:])


def test_numbers_that_are_not_finite_are_refused() -> None:
    damaged = bytearray(WIDE)
    damaged[400:404] = struct.pack("<f", float("nan"))
    with pytest.raises(BinFileError, match="'fc' has weights that are not finite"):
        as_float32(NETWORK, bytes(damaged))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=2000))
def test_no_bytes_crash_the_reader(stored: bytes) -> None:
    with pytest.raises(BinFileError):
        as_float32(NETWORK, stored)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(WIDE) - 1), st.integers(0, 255))
def test_one_changed_byte_is_refused_or_stays(at: int, value: int) -> None:
    changed = bytearray(WIDE)
    changed[at] = value
    try:
        read = as_float32(NETWORK, bytes(changed))
    except BinFileError:
        return
    assert read == bytes(changed)
