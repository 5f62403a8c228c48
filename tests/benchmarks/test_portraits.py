"""The catalog of workloads: every number in it is counted, every accuracy says whose it is."""

import json

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.__main__ import main
from benchmarks.accuracies import ACCURACIES
from benchmarks.families.layer_classes import CLASSES
from benchmarks.families.layer_rules import integer
from benchmarks.portraits import UNTRAINED, nested_families, portrait, portraits
from benchmarks.variants import FAMILIES
from benchmarks.workloads import OWN, WORKLOADS, WorkloadFiles, workload_files


def test_every_workload_has_a_portrait_whose_parts_are_the_whole() -> None:
    for one in portraits():
        assert sum(part.macs for part in one.parts) == one.macs
        assert sum(part.layers for part in one.parts) == one.layers
        assert sum(part.weight_bytes for part in one.parts) == one.weight_bytes
        assert sum(part.traffic_bytes for part in one.parts) == one.traffic_bytes
        assert sum(part.macs_share for part in one.parts) == pytest.approx(1.0)
        assert {part.name for part in one.parts} <= set(CLASSES)
        assert one.cuts[0].head_share == 0.0
        assert "thermal_soak" in one.kinds


def test_every_workload_says_whose_accuracy_is_shown_and_who_published_it() -> None:
    assert set(ACCURACIES) == set(OWN)
    for accuracy in ACCURACIES.values():
        assert accuracy.of
        assert accuracy.source
        most = 0.8 if accuracy.on == "ImageNet" else 1.0
        assert accuracy.top1 is None or 0.4 < accuracy.top1 < most


@pytest.mark.parametrize("family", FAMILIES)
def test_originals_and_variants_lose_accuracy_with_width(family: str) -> None:
    names = [one.name for one in OWN.values() if one.family == family]
    published = [ACCURACIES[name].top1 or 0 for name in names]
    assert published == sorted(published, reverse=True)
    assert list(FAMILIES[family].top1) == [OWN[name].width for name in names]


@pytest.mark.parametrize(
    ("name", "most"),
    [("vgg16-0.25", "convolution"), ("mobilenet_v1", "pointwise"), ("vit_tiny", "matrix product")],
)
def test_a_networks_arithmetic_is_where_its_family_has_it(name: str, most: str) -> None:
    assert max(portrait(name).parts, key=lambda part: part.macs).name == most


def test_only_families_with_known_accuracies_can_shift_and_share() -> None:
    assert portrait("mobilenet_v3_small").kinds == portrait("resnet50-0.5").kinds
    for name in ("regnet", "vgg16-0.25", "vit_tiny"):
        assert portrait(name).kinds == ("thermal_soak", "dvfs", "offload")
        assert portrait(name).variants == ()


def convolutions(files: WorkloadFiles) -> list[NDArray[np.float32]]:
    """Return the weights [out, in, …] of every convolution."""
    found, at = [], 0
    for layer in files.network.layers:
        if layer.type.startswith("Convolution"):
            count = layer.cost.stored[0].numbers
            weights = np.frombuffer(files.bin, "<f4", count, at + 4)
            kernel = integer(layer.options, 1, 1)
            found.append(weights.reshape(layer.cost.shape[0], -1, kernel**2))
        at += layer.weight_bytes
    return found


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        ("vgg16_gtsrb", "vgg16_gtsrb-0.6"),
        ("vgg16_gtsrb-0.6", "vgg16_gtsrb-0.13"),
        ("resnet50_places32", "resnet50_places32-0.25"),
        ("mobilenet_v1", "mobilenet_v1-0.25"),
        ("mobilenet_v3_small", "mobilenet_v3_small-0.75"),
        ("mobilenet_v3_large", "mobilenet_v3_large-0.75"),
    ],
)
def test_narrow_variants_are_corners_of_the_wide_one(wide: str, narrow: str) -> None:
    """What shifting saves by sharing weights exists: no number of a narrow variant is its own."""
    pairs = zip(*(convolutions(workload_files(name)) for name in (wide, narrow)), strict=True)
    for whole, corner in pairs:
        out, source, _ = corner.shape
        assert np.array_equal(corner, whole[:out, :source])


def test_the_command_shows_the_catalog_and_says_that_nothing_is_trained(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["workloads"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in WORKLOADS)
    assert all(one.name in shown for one in nested_families())
    assert UNTRAINED in shown


def test_the_command_shows_one_workload_for_people_and_for_programs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["workloads", "vit_tiny"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "3×224×224 → 1000, 133 layers, 1,253,683,200 multiply-accumulates" in shown
    assert "DeiT-Ti: 72.2 %" in shown
    assert main(["workloads", "vit_tiny", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["macs"], facts["accuracy"]["top1"]) == (1_253_683_200, 0.722)
    assert facts["cuts"][0] == {
        "blob": "data", "shape": [3, 224, 224], "bytes": 602_112, "head_share": 0.0,
    }  # fmt: skip
    assert facts["note"] == UNTRAINED
    assert facts["iterations"] == 0


def test_an_iterative_network_says_who_begins(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["workloads", "diffusion"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "10 iterations: a server takes the first ones, a phone the rest" in shown


def test_a_wrong_name_is_answered_with_a_near_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["workloads", "vit_tinny"]) == 2
    assert "Did you mean 'vit_tiny'?" in capsys.readouterr().err
