"""Where networks can be cut, and that the two halves make the whole."""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from benchmarks.cloud.segments import SegmentRefused, Tails, Wanted
from benchmarks.families import (
    diffusion,
    mobilenet_v2,
    mobilenet_v3,
    param_file,
    resnet50,
    vit_tiny,
)
from benchmarks.families.cuts import cuts_of, head_of, tail_of
from benchmarks.families.graph import GraphWriter
from benchmarks.families.reference import forward, golden_input
from benchmarks.workloads import WorkloadFiles
from devices.agent.codecs import CODECS, decode_tensor, encode_tensor
from devices.virtual.agent.body import ModelOrder
from devices.virtual.host_agent.network import Network

DRAWN: Mapping[str, Callable[[], GraphWriter]] = {
    "mobilenet_v2": lambda: mobilenet_v2.draw(0.35),
    "resnet50": lambda: resnet50.draw(0.25),
    "mobilenet_v3_small": lambda: mobilenet_v3.draw_small(0.75),
    "vit_tiny": vit_tiny.draw,
    "diffusion": diffusion.draw,
}
GOLDEN = 1e-5  # the golden rule for float32: same top-1, no number further away


@lru_cache(maxsize=2)
def files_of(name: str) -> WorkloadFiles:
    """Return networks that are quick to run whole."""
    return WorkloadFiles(name, *DRAWN[name]().finish())


def wanted(files: WorkloadFiles, cut: str) -> Wanted:
    return Wanted(files.name, files.param_sha256, files.bin_sha256, cut)


@pytest.fixture
def tails() -> Iterator[Tails]:
    made = Tails(files=files_of)
    yield made
    made.close()


def host_network(files: WorkloadFiles, folder: Path) -> Network:
    """Return the network as the agent of this machine loads it."""
    for data, digest in ((files.param, files.param_sha256), (files.bin, files.bin_sha256)):
        (folder / digest).write_bytes(data)
    c, h, w = files.shape
    order = ModelOrder(
        id=files.name,
        param=files.param_sha256,
        bin=files.bin_sha256,
        param_sha256=files.param_sha256,
        sha256=files.bin_sha256,
        bytes=len(files.bin),
        w=w,
        h=h,
        c=c,
        input=files.input,
        output=files.output,
        threads=(1,),
    )
    return Network(order, folder)


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("mobilenet_v2", 1),
        ("resnet50", 1),
        ("mobilenet_v3_small", 3),
        ("vit_tiny", 5),
        ("diffusion", 2),
    ],
)
def test_head_and_tail_equal_the_whole_at_every_cut(
    name: str, step: int, tails: Tails, tmp_path: Path
) -> None:
    """The slow ones not at every cut; a transformer's cuts are matrices, a diffusion's steps."""
    files = files_of(name)
    network = host_network(files, tmp_path)
    whole = network.infer(1)
    cuts = cuts_of(files.network)
    assert len(cuts) > 15
    for cut in cuts[::step]:
        crossing = network.head(1, cut.blob)
        arrived = decode_tensor(encode_tensor(crossing, CODECS["fp32"], 1))
        output = tails.load(wanted(files, cut.blob)).infer(arrived)
        assert output.argmax() == whole.argmax(), cut.blob
        assert np.abs(output - whole).max() < GOLDEN, cut.blob
        assert np.abs(network.tail(1, cut.blob, crossing) - whole).max() < GOLDEN, cut.blob


def test_another_networks_tail_is_not_the_whole(tails: Tails, tmp_path: Path) -> None:
    """The comparison above can fail: half the numbers of a blob lost, and it does."""
    files = files_of("mobilenet_v2")
    network = host_network(files, tmp_path)
    crossing = network.head(1, "blk8").copy()
    crossing[: len(crossing) // 2] = 0
    output = tails.load(wanted(files, "blk8")).infer(crossing)
    assert np.abs(output - network.infer(1)).max() > GOLDEN


def test_wrong_weights_are_refused_by_their_digest(tails: Tails) -> None:
    files = files_of("mobilenet_v2")
    other = Wanted(files.name, files.param_sha256, "0" * 64, "blk8")
    with pytest.raises(SegmentRefused, match=r"has weights .*load the same files") as refused:
        tails.load(other)
    assert refused.value.code == "bad_digest"


def test_a_blob_inside_a_block_is_no_cut(tails: Tails) -> None:
    with pytest.raises(SegmentRefused, match=r"no cut 'blk2.expand'; it has data, stem"):
        tails.cut(wanted(files_of("mobilenet_v2"), "blk2.expand"))


def test_cuts_lie_before_splits_and_after_sums() -> None:
    cuts = {cut.blob: cut for cut in cuts_of(files_of("mobilenet_v2").network)}
    assert {"data", "stem", "blk1", "blk2", "head", "gap", "fc"} <= cuts.keys()
    assert not {"blk1.a", "blk1.b", "blk2.expand", "prob"} & cuts.keys()


def test_macs_of_head_and_tail_are_those_of_the_whole() -> None:
    network = files_of("resnet50").network
    for cut in cuts_of(network):
        assert cut.head_macs + cut.tail_macs == network.macs


def test_both_halves_pass_the_strict_reader_and_compute_the_whole() -> None:
    """In our own reference, which knows nothing of ncnn."""
    files = files_of("mobilenet_v2")
    cut = {cut.blob: cut for cut in cuts_of(files.network)}["blk8"]
    first, second = (half(files.param, files.bin, cut) for half in (head_of, tail_of))
    head, tail = (param_file.read(half.param, len(half.bin)) for half in (first, second))
    assert (head.output, tail.inputs[0].outputs) == ("blk8", ("blk8",))
    crossing = forward(head, first.bin, golden_input(files.shape))
    output = forward(tail, second.bin, crossing.reshape(cut.shape))
    expected = np.frombuffer(files.reference, "<f4")
    assert np.abs(output - expected).max() < GOLDEN
