"""The strict reader: each rule refuses one bad file, and no mutation gets past or crashes it."""

import random

import ncnn
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.families import mobilenet_v2
from benchmarks.families.layers.table import RULES
from benchmarks.families.param_file import ParamFileError, read
from benchmarks.families.param_words import options_of

GOOD = """7767517
5 6
Input data 0 1 data 0=8 1=8 2=3
Convolution conv 1 1 data conv 0=4 1=3 3=1 4=1 5=1 6=108 9=1
Split conv.split 1 2 conv a b
BinaryOp add 2 1 a b add 0=0
Softmax prob 1 1 add prob 0=0
"""
BYTES = 4 + 4 * 108 + 4 * 4


def test_a_good_file_is_read() -> None:
    network = read(GOOD.encode(), BYTES)
    assert [layer.type for layer in network.layers] == [
        "Input",
        "Convolution",
        "Split",
        "BinaryOp",
        "Softmax",
    ]
    assert network.macs == 108 * 64
    assert network.weight_bytes == BYTES


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("7767517", "7767518", "line 1 must be 7767517"),
        ("5 6", "5", "line 2 must be two integers"),
        ("5 6", "5 x", "line 2 must be two integers"),
        ("5 6", "0 6", "accepted are 1 to 10000"),
        ("5 6", "5 30000", "accepted are 1 to 10000 and 1 to 20000"),
        ("5 6", "9 6", "announces 9 layers"),
        ("5 6", "5 7", "and 7 blobs"),
        ("BinaryOp add", "Loader add", "layer type 'Loader' is not accepted"),
        ("Split conv.split", "Split conv;split", "may hold"),
        ("Softmax prob", "Softmax add", "used twice"),
        ("1 2 conv a b", "1 2 conb a b", "'conb' is used before any layer makes it"),
        ("1 2 conv a b", "1 2 conv a a", "made twice"),
        ("2 1 a b add", "2 1 a a add", "two consumers"),
        ("2 1 a b add", "3 1 a b add", "takes 1 to 2 inputs"),
        ("2 1 a b add", "2 9999999999 a b add", "announces 2 inputs"),
        ("2 1 a b add", "-1 1 a b add", "announces -1 inputs"),
        ("0=4 1=3", "0=4 77=3", "option 77 is unknown"),
        ("0=4 1=3", "0=4 0=4", "option 0 is given twice"),
        ("0=4 1=3", "0=4 1=1e999", "not a finite number"),
        ("0=4 1=3", "0=4 1=nan", "not a number"),
        ("0=4 1=3", "0=4 1=1_0", "not a number"),
        ("0=4 1=3", f"0=4 1=0.{'3' * 63}", "longer than the 64 characters"),
        ("0=8 1=8 2=3", "0=2000000 1=1 2=1", "a side is too long"),
        ("conv.split 1", "conv.split\x0b 1", "line 5 holds the byte 0x0b"),
        ("conv.split 1", "conv.split\u2003 1", "line 5 holds the byte 0xe2"),
        ("0=4 1=3", "0=4 1=4294967299", "32 bits"),
        ("0=4 1=3", "0=4 1=three", "not a number"),
        ("0=4 1=3", "0=4 1", "not key=value"),
        ("0=4 1=3", "0=4 1=3.5", "must be an integer"),
        ("0=4 1=3", "0=-4 1=3", "at least 1"),
        ("0=4 1=3", "0=4", "option 1 must be at least 1, not 0"),
        ("0=4 1=3", "0=4 1=99", "does not fit"),
        ("3=1 4=1", "3=0 4=1", "at least 1"),
        ("6=108", "6=107", "announces 107 weights, its shape needs 108"),
        ("6=108 9=1", "6=108 9=1 -23310=3,0.0,6.0", "announces '3' numbers and holds 2"),
        ("0=8 1=8 2=3", "0=60000 1=60000 2=3", "too many"),
        ("0=8", "0=8\0", "NUL"),
        ("0=8", "0=8\r", "carriage return"),
        ("conv.split", "c" * 70_000, "longer than"),
    ],
)
def test_a_bad_file_is_refused_in_words(old: str, new: str, complaint: str) -> None:
    assert old in GOOD
    with pytest.raises(ParamFileError, match=complaint):
        read(GOOD.replace(old, new, 1).encode(), BYTES)


def test_the_weights_of_another_network_are_refused() -> None:
    with pytest.raises(ParamFileError, match="it belongs to another network"):
        read(GOOD.encode(), BYTES + 4)


def test_a_file_that_is_no_text_is_refused() -> None:
    with pytest.raises(ParamFileError, match="plain ASCII"):
        read(b"7767517\n1 1\n\xff\xfe", 0)


def test_a_file_that_is_too_long_is_refused() -> None:
    with pytest.raises(ParamFileError, match="at most"):
        read(GOOD.encode() + b" " * 2**22, BYTES)


@pytest.mark.parametrize(("blank", "line"), [("", 6), ("\n\n", 8)])
def test_complaints_name_the_line_of_the_file(blank: str, line: int) -> None:
    with pytest.raises(ParamFileError, match=rf"^line {line}: "):
        read(GOOD.replace("Input", f"{blank}Input").replace("0=0", "0=99", 1).encode(), BYTES)


@pytest.mark.parametrize("text", ["0.5", "-.5", "5.", "+0.25", "1e-1", "2E+1", "0" * 62 + ".5"])
def test_the_native_reader_understands_numbers_as_ours_does(text: str) -> None:
    slope = options_of([f"0={text}"], RULES["ReLU"])[0]
    assert isinstance(slope, float)
    net = ncnn.Net()
    net.load_param_mem(f"7767517\n2 2\nInput in 0 1 in 0=1\nReLU out 1 1 in out 0={text}\n")
    minus_one = np.array([-1.0], np.float32)  # a Mat keeps no array alive
    with net.create_extractor() as extractor:
        extractor.input("in", ncnn.Mat(minus_one).clone())
        assert np.array(extractor.extract("out")[1])[0] == pytest.approx(-slope)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_crash_the_reader(content: bytes) -> None:
    with pytest.raises(ParamFileError):
        read(b"7767517\n" + content, 0)


PARAM, WEIGHTS = mobilenet_v2.draw(0.35).finish()


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(["drop", "double", "number", "swap"]))
def test_one_changed_token_is_refused_or_leaves_a_consistent_network(seed: int, how: str) -> None:
    chance = random.Random(seed)
    lines = PARAM.decode().split("\n")
    at = chance.randrange(2, len(lines) - 1)
    words = lines[at].split()
    which = chance.randrange(len(words))
    if how == "drop":
        del words[which]
    elif how == "double":
        words.insert(which, words[which])
    elif how == "number":
        key, separator, _ = words[which].partition("=")
        words[which] = f"{key}{separator}{chance.randrange(-(2**33), 2**33)}"
    else:
        other = chance.randrange(len(words))
        words[which], words[other] = words[other], words[which]
    lines[at] = " ".join(words)
    try:
        network = read("\n".join(lines).encode(), len(WEIGHTS))
    except ParamFileError:
        return
    assert network.weight_bytes == len(WEIGHTS)
