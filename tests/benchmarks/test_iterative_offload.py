"""Iterative networks: the server begins, and a formula says for how many iterations."""

from dataclasses import replace

import pytest

from benchmarks.families.cuts import iteration_ends
from benchmarks.families.regnet import block_ends
from benchmarks.offloading.estimates import Estimates
from benchmarks.offloading.networks import network_pipeline, server_first_pipeline
from benchmarks.offloading.part_times import PartTimes
from benchmarks.policies.offload.choosing import Situation
from benchmarks.policies.offload.first_iterations import IterationTimes, shortest_head
from benchmarks.policies.offload.sla_min_cloud import SlaMinCloud
from benchmarks.reproductions.cloud_mobile import diffusion
from benchmarks.workloads import workload_files
from devices.agent.codecs import CODECS

#: A Stable-Diffusion-like model: 50 iterations, cut after every fifth, and a decoder.
PICTURES = diffusion.pipeline()


def chosen(rates: Estimates, level_s: float) -> str:
    policy = SlaMinCloud(has_margin=False)
    return policy.choose(Situation(PICTURES, rates, level_s)).split.name


def test_a_diffusion_models_first_iterations_go_to_the_cloud() -> None:
    rates = Estimates(0.9, 0.045, 1e9, 20e6, 0.05)
    assert [chosen(rates, level_s) for level_s in (60, 30, 12, 5)] == ["", "it20", "it45", "it50"]
    # By hand: n ≥ (51.8 · 0.9 + 0.063 - 30) / (0.9 - 0.045) = 19.5, in steps of five 20.
    needed = IterationTimes.of(PICTURES, rates).needed(30.0)
    assert needed == pytest.approx((51.8 * 0.9 + 0.05 + 0.008 / 1e6 + 0.0131072 - 30) / 0.855)


def test_the_decoder_moves_to_the_cloud_only_when_all_iterations_there_are_too_few() -> None:
    """All iterations in the cloud is not all in the cloud: 2.3 s of server and 1.6 s of phone."""
    rates = Estimates(0.9, 0.045, 1e9, 20e6, 0.05)
    assert [chosen(rates, level_s) for level_s in (4, 3, 2)] == ["it50", "image", "image"]
    seen = Situation(PICTURES, rates, sla_s=2.0)
    assert SlaMinCloud(has_margin=False).choose(seen).reason.startswith("nothing keeps the level")


def test_a_server_slower_than_the_phone_gets_no_iteration() -> None:
    rates = Estimates(0.04, 0.045, 1e9, 20e6, 0.05)
    assert IterationTimes.of(PICTURES, rates).needed(1.0) == 0.0
    assert chosen(rates, 1.0) == ""


def test_the_formula_of_iterations_finds_what_trying_all_splits_finds() -> None:
    plain = replace(PICTURES, splits=tuple(replace(s, iterations=None) for s in PICTURES.splits))
    for rates in diffusion.population(7):
        for level_s in (5, 12, 30, 45):
            chosen_by = [
                SlaMinCloud().choose(Situation(pipeline, rates, level_s, margin=0.2)).split.name
                for pipeline in (PICTURES, plain)
            ]
            assert chosen_by[0] == chosen_by[1], (rates, level_s)


def test_iterations_that_take_longer_than_their_share_send_one_more_to_the_cloud() -> None:
    rates = Estimates(0.9, 0.045, 1e9, 20e6, 0.05)
    by_formula = shortest_head(PICTURES, rates, 30.0)
    assert by_formula.name == "it20"
    for work, seconds in ((51.8, 46.6), (1.8, 1.6), (by_formula.device_work, 33.0)):
        rates.phone.learn(work, seconds, 0.3)
    assert shortest_head(PICTURES, rates, 30.0).name == "it25"


def test_an_iterative_networks_server_begins_and_a_latent_comes_back() -> None:
    network = workload_files("diffusion").network
    fp16, int8 = CODECS["fp16"], CODECS["int8"]
    pipeline = server_first_pipeline(network, fp16, int8)
    names = [split.name for split in pipeline.splits]
    assert names == ["latent", *(f"step{n}" for n in range(10)), ""]
    for split in pipeline.iterative:
        assert (split.cut, split.back) == ("latent", split.name)
        assert (split.sent_bytes, split.received_bytes) == (16_388, 32_768)
        assert split.device_work + split.server_work == pytest.approx(1.0)
    last, everything = pipeline.iterative[-1], pipeline.cloud
    assert (last.iterations, last.device_work > 0.1) == (10, True)
    assert (everything.cut, everything.back) == ("latent", "")
    # A picture comes back as a picture: 8 bits per number.
    assert everything.received_bytes == 3 * 256 * 256 + 4
    assert [split.name for split in pipeline.compressive()] == ["step9"]
    assert [s.words for s in (pipeline.local, last, everything)] == [
        "all on the phone", "first 10 iterations on the server", "all on the server",
    ]  # fmt: skip
    every = server_first_pipeline(network, fp16, int8, 4).iterative
    assert [split.iterations for split in every] == [4, 8, 10]


def test_a_feed_forward_network_keeps_the_phone_first() -> None:
    network = workload_files("regnet").network
    assert iteration_ends(network) == ()
    pipeline = network_pipeline(network, CODECS["fp16"], CODECS["int8"], block_ends())
    assert pipeline.iterative == ()
    assert {split.back for split in pipeline.splits} == {""}
    assert all(split.cut == split.name for split in pipeline.splits)


def test_parts_that_were_measured_are_believed_and_others_lie_between() -> None:
    """A decoder that takes longer than its work says makes only what is near it longer."""
    times = PartTimes(1.0)
    assert times.of(0.5) == 0.5
    times.learn(1.0, 0.16, 0.3)
    assert times.of(0.15) == pytest.approx(0.024)
    times.learn(0.15, 0.05, 0.3)
    assert times.of(0.15) == pytest.approx(0.05)
    assert times.of(0.575) == pytest.approx((0.05 + 0.16) / 2)
    # Heat changes everything, a little at a time.
    times.learn(1.0, 0.32, 0.3)
    assert times.of(1.0) == pytest.approx(1.3 * 0.16)
    assert times.of(0.15) == pytest.approx(1.3 * 0.05)
    # A network may be so small that its clock does not move.
    tiny = PartTimes(1.0)
    tiny.learn(1.0, 0.0, 0.3)
    tiny.learn(1.0, 0.0, 0.3)
    assert tiny.of(1.0) == pytest.approx(1e-6)
