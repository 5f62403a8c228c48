"""Our generated networks: their sizes, their costs, and their outputs in two implementations."""

import hashlib
from pathlib import Path

import ncnn
import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.families import mobilenet_v2, resnet50
from benchmarks.families.layer_rules import Shape
from benchmarks.families.param_file import ParamFile, read, read_layers
from benchmarks.families.reference import golden_input
from benchmarks.families.weights import normal
from benchmarks.workloads import GENERATORS, WORKLOADS, WorkloadFiles, workload_files

TOLERANCE = 1e-5  # the golden rule in float32


NESTED = ("vgg16_gtsrb-0.13", "resnet50_places32-0.25")  # the smallest of each kind


@pytest.fixture(params=[*sorted(WORKLOADS), *NESTED], scope="module")
def files(request: pytest.FixtureRequest) -> WorkloadFiles:
    return workload_files(request.param)


def native_output(files: WorkloadFiles, folder: Path) -> NDArray[np.float32]:
    """Run the golden input through ncnn."""
    param, weights = folder / "net.param", folder / "net.bin"
    param.write_bytes(files.param)
    weights.write_bytes(files.bin)
    net = ncnn.Net()
    net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = False
    assert net.load_param(str(param)) == 0
    assert net.load_model(str(weights)) == 0
    image = golden_input(files.shape)  # held by a name: a Mat does not keep its array alive
    extractor = net.create_extractor()
    extractor.input(files.input, ncnn.Mat(image).clone())
    status, output = extractor.extract(files.output)
    assert status == 0
    return np.array(output, dtype=np.float32).ravel()


def test_ncnn_computes_what_our_float64_forward_computes(
    files: WorkloadFiles, tmp_path: Path
) -> None:
    expected = np.frombuffer(files.reference, "<f4")
    output = native_output(files, tmp_path)
    assert output.argmax() == expected.argmax()
    assert np.abs(output - expected).max() < TOLERANCE


def test_the_golden_rule_can_fail(files: WorkloadFiles, tmp_path: Path) -> None:
    """One weight layer shifted by a number: loads in silence, computes something else."""
    wrong = WorkloadFiles(files.name, files.param, files.bin[4:] + b"\0\0\0\0")
    output = native_output(wrong, tmp_path)
    expected = np.frombuffer(files.reference, "<f4")
    assert not np.abs(output - expected).max() < TOLERANCE


def test_the_golden_output_tells_classes_apart(files: WorkloadFiles) -> None:
    if files.name == "diffusion":
        pytest.skip("a picture has no classes")
    shares = np.sort(np.frombuffer(files.reference, "<f4"))
    assert shares.sum() == pytest.approx(1.0, abs=1e-4)
    # A narrow network that shares the weights of a wide one has a weaker signal; two outputs that
    # may each err by the tolerance must still not change places.
    least = 100 if files.name in ("mobilenet_v2", "resnet50") else 2
    assert shares[-1] - shares[-2] > least * TOLERANCE


def test_the_golden_picture_is_not_gray() -> None:
    pixels = np.frombuffer(workload_files("diffusion").reference, "<f4")
    assert pixels.size == 3 * 256 * 256
    assert 0 < pixels.min() < 0.1 < 0.9 < pixels.max() < 1
    assert pixels.std() > 0.05


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("mobilenet_v2", "4ced71c46152"),
        ("resnet50", "fe6ab58f28ed"),
        ("mobilenet_v1", "e27c6ddaa1b4"),
        ("mobilenet_v3_small", "e94192719a10"),
        ("vit_tiny", "5ee7c0920298"),
        ("diffusion", "804b78239e58"),
    ],
)
def test_weights_are_the_same_bytes_everywhere(name: str, digest: str) -> None:
    """Runs of different machines are comparable only if the workload is the same."""
    assert workload_files(name).bin_sha256.startswith(digest)


@pytest.mark.parametrize(
    ("width", "megabytes", "megamacs"),
    [(1.0, 13.95, 301), (0.75, 10.49, 209), (0.5, 7.84, 97), (0.35, 6.68, 59)],
)
def test_mobilenet_v2_costs_what_is_published(
    width: float, megabytes: float, megamacs: float
) -> None:
    """Multiply-accumulates: slimmable_networks' table; 76 layers."""
    param, weights = mobilenet_v2.draw(width).finish()
    network = read(param, len(weights))
    assert len(network.layers) == 76
    assert len(weights) / 1e6 == pytest.approx(megabytes, abs=0.005)
    assert network.macs / 1e6 == pytest.approx(megamacs, rel=0.01)


@pytest.mark.parametrize(("width", "gigamacs"), [(1.0, 4.1), (0.75, 2.3), (0.5, 1.1)])
def test_resnet50_costs_what_is_published(width: float, gigamacs: float) -> None:
    """Multiply-accumulates: slimmable_networks' table."""
    param, weights = resnet50.draw(width).finish()
    assert read(param, len(weights)).macs / 1e9 == pytest.approx(gigamacs, rel=0.05)


@pytest.mark.parametrize(
    ("name", "megaparameters", "megamacs"),
    [
        ("mobilenet_v1", 4.24, 569), ("mobilenet_v1-0.75", 2.59, 325),
        ("mobilenet_v1-0.5", 1.34, 150), ("mobilenet_v1-0.25", 0.47, 41),
        ("mobilenet_v3_large", 5.4, 217), ("mobilenet_v3_large-0.75", 4.0, 155),
        ("mobilenet_v3_small", 2.5, 56), ("mobilenet_v3_small-0.75", 2.0, 44),
        ("vit_tiny", 5.7, 1258),
    ],
)  # fmt: skip
def test_the_others_cost_what_is_published(
    name: str, megaparameters: float, megamacs: float
) -> None:
    """V1: TensorFlow's table, arithmetic of slimmable networks; V3: Howard et al. 2019, table 3.

    The transformer by hand: 197 tokens of 192, twelve blocks with four projections, two products
    of 197 × 197 and two layers of 768, patches and classes; 5.7 million parameters are published.
    """
    network = read_layers(GENERATORS[WORKLOADS[name].family][1](WORKLOADS[name].width).param)
    assert network.weight_bytes / 4e6 == pytest.approx(megaparameters, rel=0.02)
    assert network.macs / 1e6 == pytest.approx(megamacs, rel=0.015)


def test_summaries_say_what_is_counted() -> None:
    for workload in WORKLOADS.values():
        network = read_layers(GENERATORS[workload.family][1](workload.width).param)
        gigamacs, megabytes = network.macs / 1e9, network.weight_bytes / 1e6
        digits = 1 if gigamacs > 1 else 2
        assert f"{gigamacs:.{digits}f} GMAC, {megabytes:.0f} MB" in workload.summary


def first_weights(param: bytes, weights: bytes, count: int) -> NDArray[np.float32]:
    return np.frombuffer(weights, "<f4", count, 4)


def test_a_narrow_variant_shares_the_wide_ones_weights() -> None:
    wide, narrow = mobilenet_v2.draw(1.0).finish(), mobilenet_v2.draw(0.5).finish()
    stem = first_weights(*wide, 32 * 27).reshape(32, 27)
    slim = first_weights(*narrow, 16 * 27).reshape(16, 27)
    assert np.array_equal(slim, stem[:16])


@pytest.mark.parametrize("family", GENERATORS)
def test_a_width_that_does_not_exist_is_refused(family: str) -> None:
    with pytest.raises(ValueError, match=f"{family} has no width 0.33; there are"):
        GENERATORS[family][1](0.33)


def test_shapes_shrink_as_the_paper_says() -> None:
    network = workload_files("mobilenet_v2").network
    assert network.blobs["stem"] == Shape(32, 112, 112)
    assert network.blobs["blk8"] == Shape(64, 14, 14)
    assert network.blobs["blk16"] == Shape(320, 7, 7)
    assert network.blobs["gap"] == Shape(1280)


def test_every_byte_of_the_weights_belongs_to_a_layer(files: WorkloadFiles) -> None:
    network: ParamFile = files.network
    assert network.weight_bytes == len(files.bin)
    assert sum(layer.traffic_bytes for layer in network.layers) > network.weight_bytes


def test_weights_are_nearly_normal() -> None:
    drawn = normal(1, 2, 200_000).astype(np.float64)
    assert drawn.mean() == pytest.approx(0.0, abs=0.01)
    assert drawn.std() == pytest.approx(1.0, abs=0.01)
    assert np.abs(drawn).max() < 4


def test_layers_and_seeds_draw_different_weights() -> None:
    assert not np.array_equal(normal(1, 2, 9), normal(1, 3, 9))
    assert not np.array_equal(normal(1, 2, 9), normal(2, 2, 9))
    assert np.array_equal(normal(1, 2, 9), normal(1, 2, 20)[:9])


def test_golden_input_is_the_congruential_sequence() -> None:
    state, expected = 12345, []
    for _ in range(1000):
        state = (state * 1664525 + 1013904223) % 2**32
        expected.append((state >> 8) / 2**23 - 1)
    made = golden_input(Shape(10, 10, 10)).reshape(-1)
    assert np.array_equal(made, np.array(expected, np.float32))


def test_hashes_are_of_the_files(files: WorkloadFiles) -> None:
    assert files.param_sha256 == hashlib.sha256(files.param).hexdigest()
    assert files.bin_sha256 == hashlib.sha256(files.bin).hexdigest()
