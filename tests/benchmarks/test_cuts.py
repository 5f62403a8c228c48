"""Where networks can be cut, and that the two halves make the whole."""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from benchmarks.cloud.packed_sizes import packed_sizes
from benchmarks.cloud.segments import SegmentRefused, Segments, Tensor, Wanted
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


def wanted(files: WorkloadFiles, cut: str, back: str = "") -> Wanted:
    return Wanted(files.name, files.param_sha256, files.bin_sha256, cut, back)


@pytest.fixture
def segments() -> Iterator[Segments]:
    made = Segments(files=files_of)
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
    name: str, step: int, segments: Segments, tmp_path: Path
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
        output = segments.load(wanted(files, cut.blob)).infer(arrived)
        assert output.argmax() == whole.argmax(), cut.blob
        assert np.abs(output.ravel() - whole).max() < GOLDEN, cut.blob
        assert np.abs(network.tail(1, cut.blob, crossing) - whole).max() < GOLDEN, cut.blob


def test_another_networks_tail_is_not_the_whole(segments: Segments, tmp_path: Path) -> None:
    """The comparison above can fail: half the numbers of a blob lost, and it does."""
    files = files_of("mobilenet_v2")
    network = host_network(files, tmp_path)
    crossing = network.head(1, "blk8").copy()
    crossing[: len(crossing) // 2] = 0
    output = segments.load(wanted(files, "blk8")).infer(crossing)
    assert np.abs(output - network.infer(1)).max() > GOLDEN


def test_wrong_weights_are_refused_by_their_digest(segments: Segments) -> None:
    files = files_of("mobilenet_v2")
    other = Wanted(files.name, files.param_sha256, "0" * 64, "blk8")
    with pytest.raises(SegmentRefused, match=r"has weights .*load the same files") as refused:
        segments.load(other)
    assert refused.value.code == "bad_digest"


def test_a_blob_inside_a_block_is_no_cut(segments: Segments) -> None:
    with pytest.raises(SegmentRefused, match=r"no cut 'blk2.expand'; it has data, stem"):
        segments.stretch(wanted(files_of("mobilenet_v2"), "blk2.expand"))


def crossed_back(files: WorkloadFiles, network: Network, segments: Segments, back: str) -> Tensor:
    """Return what the phone makes of the blob that a server's head sends back."""
    noise = decode_tensor(encode_tensor(network.head(1, files.input), CODECS["fp32"], 1))
    latent = segments.load(wanted(files, files.input, back)).infer(noise)
    return network.tail(1, back, decode_tensor(encode_tensor(latent, CODECS["fp32"], 2)))


@pytest.mark.parametrize("name", ["diffusion", "mobilenet_v2"])
def test_a_servers_head_and_a_phones_tail_equal_the_whole_at_every_cut(
    name: str, segments: Segments, tmp_path: Path
) -> None:
    """The paper's order: the server begins. It holds for networks that are not iterative too."""
    files = files_of(name)
    network = host_network(files, tmp_path)
    whole = network.infer(1)
    _, *backs = cuts_of(files.network)
    for cut in backs:
        output = crossed_back(files, network, segments, cut.blob)
        assert output.argmax() == whole.argmax(), cut.blob
        assert np.abs(output - whole).max() < GOLDEN, cut.blob


@pytest.mark.parametrize("name", ["diffusion", "mobilenet_v2", "vit_tiny"])
def test_a_blob_weighs_packed_what_it_weighs_when_it_is_computed_alone(
    name: str, segments: Segments
) -> None:
    """The server tries all blobs in one go, a phone computes as far as one of them."""
    files, codecs = files_of(name), ("int8+zlib", "fp16+zstd", "fp32+zlib")
    image, tried = golden_input(files.shape), packed_sizes(files, codecs)
    first, *others = [cut.blob for cut in cuts_of(files.network)]
    assert list(tried) == [first, *others, ""]
    assert tried[first] == len(encode_tensor(image, CODECS[codecs[0]], 1).payload)
    for blob in (*others[::4], ""):
        alone = segments.load(wanted(files, files.input, blob)).infer(image)
        codec = CODECS[codecs[1] if blob else codecs[2]]
        assert tried[blob] == len(encode_tensor(alone, codec, 1).payload), blob


def test_a_step_too_many_is_not_the_whole(segments: Segments, tmp_path: Path) -> None:
    """The comparison above can fail: a phone that repeats what the server has done."""
    files = files_of("diffusion")
    network = host_network(files, tmp_path)
    noise = network.head(1, files.input)
    latent = segments.load(wanted(files, files.input, "step4")).infer(noise)
    output = network.tail(1, "step3", latent)
    assert np.abs(output - network.infer(1)).max() > 100 * GOLDEN


def test_every_head_is_a_part_of_one_network_that_stays_loaded(segments: Segments) -> None:
    files = files_of("diffusion")
    first = segments.load(wanted(files, files.input, "step0"))
    for number in range(1, diffusion.STEPS):
        segments.load(wanted(files, files.input, f"step{number}"))
    assert segments.load(wanted(files, files.input, "step0")) is first


def test_a_way_back_must_come_after_the_cut(segments: Segments) -> None:
    files = files_of("diffusion")
    with pytest.raises(SegmentRefused, match="from 'step5' back at 'step5': it must come later"):
        segments.stretch(wanted(files, "step5", "step5"))
    stretch = segments.stretch(wanted(files, "step2", "step5"))
    cuts = {cut.blob: cut for cut in cuts_of(files.network)}
    assert stretch.macs == cuts["step5"].head_macs - cuts["step2"].head_macs
    assert stretch.macs == sum(layer.cost.macs for layer in stretch.layers)
    assert stretch.output_shape == (4, 64, 64)


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
