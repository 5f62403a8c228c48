"""NestDNN's applications as networks: published work and sizes, nested channels, weights of one."""

import math
from itertools import pairwise

import numpy as np
import pytest

from benchmarks.families import nested
from benchmarks.families.applications import Application, applications
from benchmarks.families.param_file import read_layers
from benchmarks.workloads import OWN, WORKLOADS, alone_of, layers_of, names, workload_files

BY_NAME = pytest.mark.parametrize("name", applications())


def networks_of(application: Application) -> list[str]:
    """Return the workloads of the descendants, the smallest first."""
    return [one.name for one in OWN.values() if one.family == application.family][::-1]


@BY_NAME
def test_descendants_cost_what_is_published(name: str) -> None:
    """Half a published FLOP is a multiply-accumulate: RI-100's 5.0 G exceed a whole ResNet50's."""
    one = applications()[name]
    for workload, gflops, size_mb in zip(networks_of(one), one.gflops, one.size_mb, strict=True):
        layers = layers_of(workload)
        assert layers.macs / 1e9 == pytest.approx(gflops / 2, rel=0.035)
        assert layers.weight_bytes / 1e6 == pytest.approx(size_mb, rel=0.06)


@BY_NAME
def test_no_layer_of_a_smaller_descendant_is_wider_than_that_of_a_larger_one(name: str) -> None:
    one = applications()[name]
    for smaller, larger in pairwise(one.channels):
        assert all(here <= there for here, there in zip(smaller, larger, strict=True))
    assert list(one.widths) == sorted(set(one.widths))


@BY_NAME
def test_what_an_application_has_alone_is_the_graph_at_the_knee_with_other_weights(
    name: str,
) -> None:
    one = applications()[name]
    alone, knee = OWN[alone_of(one)], OWN[networks_of(one)[one.knee]]
    assert alone.draw is not None
    assert knee.draw is not None
    assert alone.draw(alone.width).param == knee.draw(knee.width).param
    if one.size_mb[one.knee] < 10:
        files = workload_files(alone.name), workload_files(knee.name)
        assert files[0].bin_sha256 != files[1].bin_sha256


def test_weights_repeat_after_a_prime_so_that_no_two_filters_are_alike() -> None:
    period = nested._PERIOD
    assert all(period % divisor for divisor in range(2, math.isqrt(period) + 1))
    files = workload_files("resnet50_imagenet50")
    layer = files.network.layers[-2]  # the classifier: 50 filters of 1432
    filters = np.frombuffer(files.bin, "<f4", 50 * 1432, len(files.bin) - layer.weight_bytes + 4)
    assert len(np.unique(filters.reshape(50, 1432), axis=0)) == 50


def test_a_catalog_does_not_list_what_only_tenants_ask_for() -> None:
    assert set(names()) == set(WORKLOADS) < set(OWN)
    assert len(OWN) - len(WORKLOADS) == 6 * 6


def test_a_width_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match=r"vgg16_gtsrb has no width 0\.33; there are \(1\.0, 0\.6"):
        nested.draw(applications()["VS"], 0.33)


def test_layers_are_read_without_drawing_weights() -> None:
    alone = read_layers(nested.draw_alone(applications()["VC"]).param)
    assert alone.weight_bytes == layers_of("vgg16_cifar10-alone").weight_bytes > 60e6
