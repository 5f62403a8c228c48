"""Each offload policy in a small story: what it knows, and where it cuts."""

from random import Random
from typing import Any

import pytest

from benchmarks.families.regnet import block_ends
from benchmarks.offloading.estimates import Estimates, Margin
from benchmarks.offloading.networks import network_pipeline, server_first_pipeline
from benchmarks.offloading.pipeline import Pipeline, Split
from benchmarks.policies.base import Controller, Observation, SetSplit, Task
from benchmarks.policies.offload.base import OffloadPolicy
from benchmarks.policies.offload.choosing import Situation
from benchmarks.policies.offload.cloud_only import CloudOnly
from benchmarks.policies.offload.dynamic_split import DynamicSplit
from benchmarks.policies.offload.fixed_split import FixedSplit
from benchmarks.policies.offload.local_only import LocalOnly
from benchmarks.policies.offload.neurosurgeon import Neurosurgeon
from benchmarks.policies.offload.oracle import Oracle
from benchmarks.policies.offload.random_split import RandomSplit
from benchmarks.policies.offload.sla_min_cloud import SlaMinCloud
from benchmarks.policies.offload.table import OFFLOADING
from benchmarks.specs import SpecError, parse
from benchmarks.workloads import workload_files
from devices.agent.codecs import CODECS
from devices.agent.messages import FLAG_FINISHED_LOCALLY
from devices.errors import StableDeviceError
from devices.profile import DeviceKind, DeviceProfile

#: A network of 100 ms on the phone and 10 ms on the server: a small and a large blob inside.
SPLITS = Pipeline(
    (
        Split("data", 0.0, 1.0, 100_000, 4_000, shows_input=True),
        Split("wide", 0.2, 0.8, 400_000, 4_000),
        Split("narrow", 0.5, 0.5, 20_000, 4_000),
        Split("late", 0.9, 0.1, 20_000, 4_000),
        Split("", 1.0, 0.0),
    )
)


def at(mbit_s: float, *, rtt_ms: float = 10.0, queue_ms: float = 0.0) -> Estimates:
    rate = mbit_s * 1e6
    return Estimates(0.1, 0.01, rate, rate, rtt_ms / 1e3, queue_ms / 1e3)


def chosen(
    policy: Any, rates: Estimates, *, sla_ms: float = 200, pipeline: Pipeline = SPLITS
) -> str:
    seen = Situation(pipeline, rates, sla_ms / 1e3, random=Random(1))
    return str(policy.choose(seen).split.name)


def test_the_formula_adds_phone_network_queue_and_server() -> None:
    parts = at(8, queue_ms=3).predict(SPLITS.named("narrow"))
    assert parts.device == pytest.approx(0.05)
    assert parts.transmit == pytest.approx(0.01 + 0.02)
    assert parts.receive == pytest.approx(0.004)
    assert parts.queue == pytest.approx(0.003)
    assert parts.server == pytest.approx(0.005)
    assert parts.total == pytest.approx(0.092)


def test_local_and_cloud_stay_where_they_are() -> None:
    for mbit_s in (0.1, 10, 10_000):
        assert chosen(LocalOnly(), at(mbit_s)) == ""
        assert chosen(CloudOnly(), at(mbit_s)) == "data"


def test_the_fastest_split_moves_with_the_network() -> None:
    assert [chosen(Neurosurgeon(), at(rate)) for rate in (0.5, 8, 1000)] == ["", "narrow", "data"]


def test_least_energy_is_not_least_time() -> None:
    frugal = Neurosurgeon(goal="energy", compute_w=1, radio_w=10, waiting_w=0.1)
    assert chosen(Neurosurgeon(), at(8)) == "narrow"
    assert chosen(frugal, at(8)) == ""


def test_only_what_is_smaller_than_everything_before_can_win() -> None:
    assert [split.name for split in SPLITS.compressive()] == ["narrow"]
    assert chosen(DynamicSplit(), at(8)) == "narrow"


def test_as_little_cloud_as_the_level_allows() -> None:
    frugal = SlaMinCloud(has_margin=False)
    # Local takes 100 ms, `narrow` 76 ms, `data` 41 ms at 40 Mbit/s.
    assert [chosen(frugal, at(40), sla_ms=ms) for ms in (110, 99, 80, 42)] == [
        "", "narrow", "narrow", "data",
    ]  # fmt: skip


def test_when_nothing_keeps_the_level_the_fastest_is_taken_and_said() -> None:
    seen = Situation(SPLITS, at(40), sla_s=0.001)
    choice = SlaMinCloud().choose(seen)
    assert choice.split.name == "data"
    assert choice.reason.startswith("nothing keeps the level; fastest: 41 ms")


def test_without_its_filter_it_saves_everything_and_keeps_nothing() -> None:
    control = SlaMinCloud(has_margin=False, filters_feasible=False)
    assert chosen(control, at(40), sla_ms=40) == ""


def test_a_margin_grows_with_the_errors_of_the_predictions() -> None:
    margin = Margin()
    assert margin.value == 0.15
    for t_s in range(5):
        margin.note(t_s, 0.1, 0.1)
    assert margin.value == pytest.approx(0.0, abs=1e-9)
    margin.note(5.0, 0.1, 0.2)
    assert margin.value > 0.3
    # A minute later it is forgotten, however few have come since.
    for t_s in range(66, 71):
        margin.note(t_s, 0.1, 0.1)
    assert margin.value == pytest.approx(0.0, abs=1e-9)
    wary = Situation(SPLITS, at(40), sla_s=0.11, margin=0.3)
    assert SlaMinCloud().choose(wary).split.name == "narrow"
    assert SlaMinCloud(has_margin=False).choose(wary).split.name == ""


def test_what_was_tried_replaces_what_a_packing_might_weigh() -> None:
    """Small is small: a split that packs well is worth its bytes, up and down."""
    packed = SPLITS.packed({"wide": 30_000, "": 1_000})
    wide, late = packed.named("wide"), packed.named("late")
    assert (wide.sent_bytes, wide.received_bytes) == (30_000, 1_000)
    assert late.sent_bytes == 20_000
    assert packed.local == SPLITS.local
    fp16 = CODECS["fp16"]
    noise = server_first_pipeline(workload_files("diffusion").network, fp16, fp16)
    step = noise.packed({"latent": 9, "step3": 8, "": 7}).named("step3")
    assert (step.sent_bytes, step.received_bytes) == (9, 8)


def test_a_policy_reckons_with_what_was_tried() -> None:
    plain, packed = (
        Neurosurgeon().start(PROFILE, task(peer={"packed": sizes})) for sizes in ({}, {"wide": 9})
    )
    at_8 = {"network__up": 8e6, "network__down": 8e6, "network__rtt": 0.01}
    assert tick(plain, "", inference__latency=0.1, **at_8)[0][0] == "narrow"
    assert tick(packed, "", inference__latency=0.1, **at_8)[0][0] == "wide"


def test_chance_repeats_itself_and_visits_every_split() -> None:
    def drawn() -> list[str]:
        random = Random(3)
        seen = Situation(SPLITS, at(8), 1.0, random=random)
        return [RandomSplit().choose(seen).split.name for _ in range(60)]

    assert drawn() == drawn()
    assert set(drawn()) == {split.name for split in SPLITS.splits}


def test_the_oracle_is_never_slower_than_any_policy() -> None:
    for rate in (0.3, 1, 4, 8, 30, 300):
        best = at(rate).predict(SPLITS.named(chosen(Oracle(), at(rate)))).total
        for policy in OFFLOADING:
            split = SPLITS.named(chosen(policy(), at(rate)))
            assert best <= at(rate).predict(split).total + 1e-12


def test_private_pictures_stay_on_the_phone() -> None:
    private = SPLITS.without_input()
    assert "data" not in [split.name for split in private.splits]
    assert chosen(CloudOnly(), at(1000), pipeline=private) == "wide"


def test_a_picture_that_travels_small_leaves_regnet_no_bottleneck_but_the_last() -> None:
    network = workload_files("regnet").network
    fp32, int8 = CODECS["fp32"], CODECS["int8"]
    large = network_pipeline(network, fp32, fp32, block_ends()).compressive()
    small = network_pipeline(network, fp32, int8, block_ends()).compressive()
    assert [split.name for split in large] == ["blk1", "blk4", "blk10"]
    assert [split.name for split in small] == ["blk10"]


# On a phone ----------------------------------------------------------------------------------

PROFILE = DeviceProfile.model_construct(serial="", kind=DeviceKind.VIRTUAL)


def task(*, sla_ms: float = 80, privacy: bool = False, **facts: Any) -> Task:
    splits = [
        {field: getattr(split, field) for field in Split.__dataclass_fields__}
        for split in SPLITS.splits
    ]
    rates = {
        "device_s": 0.1, "server_s": 0.01, "up_bit_s": 40e6, "down_bit_s": 40e6, "rtt_s": 0.01,
    }  # fmt: skip
    known = {"splits": splits, "rates": rates, "privacy": privacy, **facts}
    return Task("offload", ("regnet",), 1.0, sla_ms / 1e3, 1, known)


def tick(controller: Controller, split: str, **newest: float) -> list[tuple[str, str]]:
    names = {name.replace("__", "."): value for name, value in newest.items()}
    seen = Observation(1.0, names, "regnet", 1, split=split)
    actions = controller.decide(seen)
    assert all(isinstance(action, SetSplit) for action in actions)
    return [(a.cut, a.reason) for a in actions if isinstance(a, SetSplit)]


def test_a_controller_speaks_only_when_its_choice_changes() -> None:
    controller = SlaMinCloud(has_margin=False).start(PROFILE, task())
    ((cut, reason),) = tick(controller, "", inference__latency=0.1)
    assert cut == "narrow"
    assert "5.0 ms of cloud, least of 2 within 80 ms" in reason
    answer = {"inference__latency": 0.076, "inference__network": 0.026}
    assert tick(controller, "narrow", **answer, inference__peer_compute=0.005) == []


def test_who_needs_no_rate_chooses_before_the_first_request() -> None:
    for policy, cut in ((CloudOnly(), "data"), (FixedSplit(cut="narrow"), "narrow")):
        plan = policy.plan(PROFILE, task())
        assert plan is not None
        assert plan.split == plan.lane["cut"] == cut
        assert plan.facts["predicted_s"] > 0
        controller = policy.start(PROFILE, task())
        assert tick(controller, cut, inference__latency=0.1) == []  # it is in force already
    for adaptive in (SlaMinCloud(), Neurosurgeon(), LocalOnly()):
        assert adaptive.plan(PROFILE, task()) is None


def test_what_chance_drew_first_is_what_the_phone_was_told() -> None:
    random = RandomSplit()
    plan = random.plan(PROFILE, task())
    assert random.start(PROFILE, task()).first() == plan


def test_a_slow_network_sends_the_work_home() -> None:
    controller = Neurosurgeon().start(PROFILE, task())
    assert tick(controller, "", inference__latency=0.1)[0][0] == "data"
    # What is measured first replaces a guess; the rate of before is no anchor.
    ((cut, _),) = tick(controller, "data", network__up=2e5, network__down=2e5, network__rtt=0.2)
    assert cut == ""


def test_a_measurement_counts_for_the_split_that_it_was_made_under() -> None:
    """The head of `narrow` is half of the phone's work, whatever was chosen meanwhile."""
    controller = Neurosurgeon().start(PROFILE, task())
    answer = {"inference__latency": 0.031, "inference__network": 0.026}
    tick(controller, "narrow", **answer, inference__peer_compute=0.005)
    # The whole takes 10 ms here, then: nothing can be faster than staying.
    assert tick(controller, "", inference__latency=0.01) == []


def test_what_the_phone_had_to_finish_tells_nothing_of_its_share() -> None:
    """Half of the network is its share; it did all of it, after waiting in vain."""
    controller = Neurosurgeon().start(PROFILE, task())
    in_vain = {"inference__latency": 5.1, "inference__flags": float(FLAG_FINISHED_LOCALLY)}
    before = tick(controller, "narrow", **in_vain)
    assert before == tick(Neurosurgeon().start(PROFILE, task()), "")


def test_what_the_phone_learned_of_its_peer_replaces_the_guess() -> None:
    slow_peer = {"compute_us": 2_000_000, "up_kbps": 40_000, "down_kbps": 40_000, "rtt_us": 10_000}
    controller = Neurosurgeon().start(PROFILE, task(peer=slow_peer))
    assert tick(controller, "") == []


def test_a_blob_that_is_no_cut_is_refused_with_what_there_is() -> None:
    with pytest.raises(StableDeviceError, match=r"no split 'blk2'; there are: data, wide, narrow"):
        FixedSplit(cut="blk2").start(PROFILE, task())


@pytest.mark.parametrize("policy", OFFLOADING, ids=lambda policy: policy.__name__)
def test_each_policy_says_why_it_exists_and_where_it_fits(policy: type[OffloadPolicy]) -> None:
    assert len(policy.why) > 100
    with pytest.raises(SpecError, match="is for offload, not for thermal_soak"):
        parse({"benchmark": {"kind": "thermal_soak"}, "policy": {"kind": policy().kind}})


def test_the_reconstruction_says_that_it_is_one() -> None:
    words = "reconstructed from the abstract; the full text was not available"
    assert words in SlaMinCloud.source
    assert words in (SlaMinCloud.__doc__ or "").replace("\n", " ")
