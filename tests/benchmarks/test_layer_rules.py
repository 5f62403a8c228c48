"""Each accepted layer type: its shape, its multiply-accumulates, and ncnn's own numbers."""

from pathlib import Path

import ncnn
import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.families.graph import MAGIC
from benchmarks.families.layer_rules import Shape
from benchmarks.families.layers.table import RULES
from benchmarks.families.param_file import ParamFile, ParamFileError, read, read_layers
from benchmarks.families.reference import blob_of, golden_input
from benchmarks.families.weights import normal
from devices.virtual.workload import read_work
from tests.benchmarks.layer_cases import CASES, Case

TOLERANCE = 2e-5  # of the largest number


def stored_bytes(network: ParamFile) -> bytes:
    """Return seeded numbers behind their tags; variances must not be negative."""
    made = []
    for at, layer in enumerate(network.layers):
        for number, block in enumerate(layer.cost.stored):
            values = normal(7, 64 * at + number, block.numbers)
            if layer.type == "BatchNorm":
                values = abs(values) + np.float32(0.1)
            made += [b"\0" * 4 * block.is_tagged, values.astype("<f4").tobytes()]
    return b"".join(made)


def weighed(param: bytes) -> tuple[ParamFile, bytes]:
    """Return a network and weights for it."""
    network = read_layers(param)
    return network, stored_bytes(network)


def native(param: bytes, weights: bytes, source: Shape, folder: Path) -> NDArray[np.float32]:
    """Run the golden input through ncnn."""
    (folder / "net.param").write_bytes(param)
    (folder / "net.bin").write_bytes(weights or b"\0" * 4)
    net = ncnn.Net()
    net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = False
    assert net.load_param(str(folder / "net.param")) == 0
    assert net.load_model(str(folder / "net.bin")) == 0
    image = golden_input(source)  # held by a name: a Mat does not keep its array alive
    with net.create_extractor() as extractor:
        extractor.input("in", ncnn.Mat(image).clone())
        status, output = extractor.extract("out")
    assert status == 0
    return np.array(output, dtype=np.float32)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind} {case.lines[-40:]}")
def test_shape_cost_and_numbers(case: Case, tmp_path: Path) -> None:
    network, weights = weighed(case.param)
    assert network.blobs["out"] == case.shape
    assert network.macs == case.macs
    ours = blob_of(network, weights, golden_input(case.source))
    theirs = native(case.param, weights, case.source, tmp_path)
    assert ours.shape == theirs.shape == case.shape
    assert np.abs(ours - theirs).max() <= TOLERANCE * max(1.0, np.abs(ours).max())


def test_every_type_that_is_accepted_is_in_the_table() -> None:
    shown = {line.split()[0] for case in CASES for line in case.lines.split("\n")}
    assert set(RULES) - shown == {"Input"}


def test_other_numbers_are_noticed(tmp_path: Path) -> None:
    """The comparison above can fail."""
    case = next(case for case in CASES if case.kind == "LayerNorm")
    network, weights = weighed(case.param)
    theirs = native(case.param, weights[4:] + weights[:4], case.source, tmp_path)
    ours = blob_of(network, weights, golden_input(case.source))
    assert np.abs(ours - theirs).max() > TOLERANCE


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("Convolution x 1 1 in out 0=4 1=3 6=288 8=1", "option 8 must be one of 0, not 1"),
        ("Convolution x 1 1 in out 0=4 1=3 6=288 9=3 -23310=1,0.0", "needs 2 numbers in array 10"),
        ("Convolution x 1 1 in out 0=4 1=3 4=-233 14=1 6=288", "only if it is all around"),
        ("Convolution x 1 1 in out 0=4 1=3 4=5000 6=288", "a border is 0 to 4096 wide"),
        ("Clip x 1 1 in out 0=0.0 1=6", "option 1 must be written with a decimal point, not 6"),
        ("Softmax x 1 1 in out 0=1", "needs option 1=1"),
        ("Softmax x 1 1 in out 0=3 1=1", "there is no axis 3 in 3 dimensions"),
        ("BinaryOp x 1 1 in out 0=0", "takes two blobs, or one and a number"),
        ("Reshape x 1 1 in out 0=7 1=-1", "cannot reshape 8×6×5 to 34×7"),
        ("Reshape x 1 1 in out 1=7", "must give the width"),
        ("Slice x 1 2 in a b -23300=3,1,2,5", "names 2 outputs and makes 3"),
        ("Slice x 1 2 in a b -23300=2,1,2", r"cannot divide 8 into \[1, 2\]"),
        ("Crop x 1 1 in out -23309=1,9 -23310=1,12 -23311=1,0", "cannot take 9 to 8 of 8"),
        ("Reduction x 1 1 in out 0=3 1=0 -23303=1,1", "axes need option 5=1"),
        ("MultiHeadAttention x 1 1 in out 0=8 1=2 2=64", "takes matrices, a row per token"),
        ("Gemm x 1 1 in out 5=1 8=3 9=5", "multiplies matrices, not 8×6×5"),
        ("Crop x 1 1 in out -23309=1,0", "needs starts and ends together"),
        ("MemoryData x 0 1 out 21=0", "must give the width"),
        ("Pooling x 1 1 in out 1=3 3=1 5=2", "takes no border of its own"),
        ("LayerNorm x 1 1 in out 0=6", "normalizes 6 numbers; 8×6×5 has 5 or 30 inside"),
        ("BatchNorm x 1 1 in out 0=7", "announces 7 channels, its shape needs 8"),
        ("Padding x 1 1 in out 0=6 4=2", "cannot reflect 6 of 6"),
        ("Interp x 1 1 in out 0=3 1=2.0 2=2.0", "option 0 must be one of 1, 2, not 3"),
        ("ShuffleChannel x 1 1 in out 0=3", "3 groups do not divide 8 channels"),
        ("Squeeze x 1 1 in out -23303=1,4", "there is no axis 4"),
        ("ReLU x 1 1 in out -23330=4,3,5,6,9", r"option 30 says \(3, 5, 6, 9\), .* makes 8×6×5"),
        ("Input x 0 1 out", "has no size: write 0=WIDTH 1=HEIGHT 2=CHANNELS"),
    ],
)
def test_a_line_that_contradicts_itself_is_refused_in_words(line: str, complaint: str) -> None:
    outputs = int(line.split()[3])
    param = f"{MAGIC}\n2 {1 + outputs}\nInput in 0 1 in 0=5 1=6 2=8\n{line}\n"
    with pytest.raises(ParamFileError, match=complaint):
        read(param.encode(), 0)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ("5=1 6=1 8=3 9=6 10=1", "options 7 and 8 do not say how much"),
        ("5=1 6=1 7=4 8=3 9=6 10=1", "announces sizes 4, 3 and 6, multiplies 5×6 by 6×3"),
        ("2=-1 5=1 8=3 9=6", "option 2 must be one of 0, 1"),
    ],
)
def test_a_product_must_say_the_sizes_that_the_native_reader_goes_by(
    options: str, complaint: str
) -> None:
    param = f"{MAGIC}\n2 2\nInput in 0 1 in 0=6 1=5\nGemm x 1 1 in out {options}\n"
    with pytest.raises(ParamFileError, match=complaint):
        read(param.encode(), 0)


@pytest.mark.parametrize("hint", ["4,3,5,6,8", "5,3,5,6,1,8"])
def test_shapes_that_converters_write_beside_a_layer_are_read(hint: str) -> None:
    param = f"{MAGIC}\n2 2\nInput in 0 1 in 0=5 1=6 2=8\nReLU x 1 1 in out -23330={hint}\n"
    assert read(param.encode(), 0).blobs["out"] == (8, 6, 5)
    assert read_work("net", param.encode(), 0).layers[0].kind == "elementwise"
