"""What a virtual chip learns from a pushed `.param`."""

from math import prod

import pytest

from benchmarks.families.layers import table as host
from benchmarks.families.layers.table import RULES
from benchmarks.families.param_file import read_layers
from benchmarks.workloads import GENERATORS, WORKLOADS
from devices.virtual.layers.table import COSTS, FREE
from devices.virtual.workload import WorkloadRefused, read_cuts, read_work
from tests.benchmarks.layer_cases import CASES, Case
from tests.devices.agents import PARAM, WEIGHTS


def test_a_convolution_costs_its_multiplications_and_its_bytes() -> None:
    conv, softmax = read_work("net", PARAM, len(WEIGHTS)).layers
    assert (conv.kind, conv.macs) == ("conv", 4 * 3 * 9 * 8 * 8)
    assert conv.bytes == 4 * (3 * 64 + 4 * 64) + len(WEIGHTS)
    assert conv.weights == len(WEIGHTS)
    assert (softmax.kind, softmax.macs) == ("elementwise", 4 * 64)


def test_input_and_split_cost_nothing() -> None:
    param = (
        b"7767517\n3 4\nInput a 0 1 a 0=4 1=4 2=1\nSplit s 1 2 a b c\nBinaryOp p 2 1 b c d 0=0\n"
    )
    (add,) = read_work("net", param, 0).layers
    assert add.macs == 16


def test_depthwise_convolutions_divide_their_weights_by_the_groups() -> None:
    line = b"ConvolutionDepthWise d 1 1 a b 0=4 1=3 4=1 5=1 6=36 7=4 9=3 -23310=2,0.0,6.0"
    param = b"7767517\n2 2\nInput a 0 1 a 0=8 1=8 2=4\n" + line + b"\n"
    (layer,) = read_work("net", param, 4 * (1 + 36 + 4)).layers
    assert (layer.kind, layer.macs) == ("depthwise", 36 * 64)


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        (b"7767517", b"7767518", "first line"),
        (b"3 3\n", b"4 3\n", "announces 4 layers"),
        (b"3 3\n", b"3 4\n", "announces 4 blobs"),
        (b"3 3\n", b"99999 3\n", "at most"),
        (b"Softmax prob 1 1 conv", b"Softmax prob 1 1 nothing", "layer line 5"),
        (b"Softmax prob 1 1 conv prob", b"Softmax prob 1 1 conv conv", "made twice"),
        (b"Softmax", b"Quantum", "unknown layer type 'Quantum'"),
        (b"0=8 1=8 2=3", b"0=8 1=8", "layer line 4: takes channels, height and width"),
        (b"0=8 1=8 2=3", b"", "layer line 3"),
        (b"0=8 1=8", b"0=1e999 1=8", "layer line 3"),
        (b"0=8 1=8 2=3", b"0=99999999 1=8 2=3", "makes a blob"),
        (b"3=1", b"3=0", "must be positive"),
        (b"6=108", b"6=109", "announces 109 weights"),
        (b"6=108", b"6=x", "layer line 4"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(old: bytes, new: bytes, word: str) -> None:
    with pytest.raises(WorkloadRefused, match=word):
        read_work("net", PARAM.replace(old, new, 1), len(WEIGHTS))


def test_weights_of_another_size_are_refused() -> None:
    with pytest.raises(WorkloadRefused, match="need 436 bytes of weights, the file has 440"):
        read_work("net", PARAM, 440)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind} {case.lines[-40:]}")
def test_both_readers_find_the_same_shape_weights_and_arithmetic(case: Case) -> None:
    """The chip's reader and the host's are written apart; each layer type is in the table."""
    work = read_work("net", case.param, read_layers(case.param).weight_bytes)
    assert sum(layer.macs for layer in work.layers if layer.kind != "elementwise") == case.macs
    if "MemoryData" not in case.lines:  # then two blobs cross
        assert read_cuts(case.param)["in"].output_elements == prod(case.shape)


def test_every_type_that_the_host_accepts_is_read_here() -> None:
    assert set(RULES) == set(COSTS)
    assert FREE == host.FREE  # what the host rehearses is what the chip has


@pytest.mark.parametrize("name", WORKLOADS)
def test_the_operators_of_our_networks_have_the_same_names_on_both_sides(name: str) -> None:
    workload = WORKLOADS[name]
    param = GENERATORS[workload.family][1](workload.width).param
    network = read_layers(param)
    ours = [layer.outputs[0] for layer in network.layers if layer.type not in host.FREE]
    assert ours == [layer.blob for layer in read_work(name, param, network.weight_bytes).layers]


def test_what_many_rows_share_is_a_product_of_matrices() -> None:
    kinds = {
        case.shape: layer.kind
        for case in CASES
        if case.kind == "InnerProduct"
        for layer in read_work("n", case.param, read_layers(case.param).weight_bytes).layers
    }
    assert kinds == {(4,): "fc", (7, 5): "matmul"}
