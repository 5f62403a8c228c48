"""The generated networks on this machine, on a virtual phone, and timed on every phone there is."""

from collections.abc import Iterator

import numpy as np
import pytest

from benchmarks.families.param_file import read_layers
from benchmarks.reproductions.phones import run_near
from benchmarks.solo import Outcome, run_once
from benchmarks.specs import parse
from benchmarks.workloads import GENERATORS, WORKLOADS, workload_files
from devices.agent.tensors import TIMINGS
from devices.phone import connect
from devices.virtual.catalog import load, names
from devices.virtual.kernel.chip import Chip
from devices.virtual.physics.cpu import Core, Work, demand_of, latency_s
from devices.virtual.workload import read_work
from tests.parts.adb import VirtualPhones, virtual_phones

NO_GATE = {"start_gate": {"timeout_s": 0}}


@pytest.fixture(scope="module")
def machine() -> Iterator[VirtualPhones]:
    """This machine, alone on its adb server."""
    with virtual_phones(host_device=True) as phones:
        yield phones


def on(machine: VirtualPhones, policy: dict[str, object], **benchmark: object) -> Outcome:
    document = {"benchmark": benchmark, "policy": policy, "preconditions": NO_GATE}
    phone = connect(machine.serials[-1], server=machine.server)
    return run_once(phone, parse(document), lambda _phase, _item: None)


@pytest.mark.parametrize("name", ["mobilenet_v3_small", "vit_tiny"])
def test_this_machine_computes_what_the_reference_says(machine: VirtualPhones, name: str) -> None:
    outcome = on(machine, {"kind": "stock"}, kind="thermal_soak", workload=name, duration_s=1)
    golden = outcome.document["baseline"]["golden"]
    assert golden["top"] == golden["reference_top"]
    assert golden["max_abs"] < 1e-5


def test_a_transformers_tokens_cross_to_a_server_and_come_back(machine: VirtualPhones) -> None:
    """The blob is a matrix: 197 rows of 192 numbers."""
    outcome = on(
        machine,
        {"kind": "fixed_split", "cut": "blk5"},
        kind="offload", workload="vit_tiny", duration_s=3, codec="fp32", sla_ms=5000,
    )  # fmt: skip
    numbers = {metric.name: metric.value for metric in outcome.analysis.metrics}
    assert (numbers["fallbacks"], numbers["sla_hit"]) == (0.0, 1.0)
    signals = outcome.trace.signals
    assert signals["inference.sent"].readings.values.max() == 197 * 192 * 4
    # What was computed in two halves names the same class as what was computed in one.
    assert len(set(signals["inference.top"].readings.values)) == 1


def test_a_server_takes_the_first_steps_of_a_diffusion_and_this_machine_the_rest(
    machine: VirtualPhones,
) -> None:
    """Noise goes up, a latent of one size comes back; or the whole picture, as 8 bits a number."""
    latent, picture = 4 * 64 * 64, 3 * 256 * 256
    tops = set()
    for cut, received in (("step2", latent * 4), ("step9", latent * 4), ("latent", picture + 4)):
        outcome = on(
            machine,
            {"kind": "fixed_split", "cut": cut},
            kind="offload", workload="diffusion", duration_s=1.5, period_ms=200, codec="fp32",
            input_codec="fp32", sla_ms=5000,
        )  # fmt: skip
        numbers = {metric.name: metric.value for metric in outcome.analysis.metrics}
        assert (numbers["fallbacks"], numbers["sla_hit"]) == (0.0, 1.0)
        signals = outcome.trace.signals
        assert signals["inference.sent"].readings.values.max() == latent * 4
        assert signals["inference.received"].readings.values.max() == received + TIMINGS.size
        tops |= set(signals["inference.top"].readings.values) if cut != "latent" else set()
    # What was computed in two halves has its brightest pixel where the whole has it.
    files = workload_files("diffusion")
    assert tops == {float(np.frombuffer(files.reference, "<f4").argmax())}


def test_variants_of_mobilenet_v1_can_be_shifted() -> None:
    document = {
        "benchmark": {"kind": "shifting", "family": "mobilenet_v1", "widths": [1.0, 0.5],
                      "duration_s": 40},
        "policy": {"kind": "random_shift", "p_large": 0.5, "block_s": 2},
        "preconditions": NO_GATE,
    }  # fmt: skip
    outcome = run_near("pixel-4", parse(document))
    shares = {m.name: m.value for m in outcome.analysis.metrics}
    assert 0.648 < (shares["accuracy_estimate"] or 0) < 0.715


@pytest.fixture(scope="module")
def works() -> dict[str, Work]:
    found = {}
    for name, workload in WORKLOADS.items():
        param = GENERATORS[workload.family][1](workload.width).param
        found[name] = read_work(name, param, read_layers(param).weight_bytes)
    return found


@pytest.mark.parametrize("phone", names())
def test_every_phone_takes_longer_for_what_is_wider(phone: str, works: dict[str, Work]) -> None:
    chip = Chip(load(phone), 0)
    cpu = max(chip.cluster_of)
    hz = 1e3 * chip.policies[chip.cluster_of[cpu]].khz[-1]
    cores = [Core(cpu, hz, hz * chip.macs_per_cycle[chip.cluster_of[cpu]])]
    rate = chip.dram.bytes_per_s[-1]
    ms = {
        name: 1e3 * latency_s(demand_of(work, chip.kernels), cores, rate)
        for name, work in works.items()
    }
    for family in GENERATORS:
        own = [ms[w.name] for w in WORKLOADS.values() if w.family == family]
        assert own == sorted(own, reverse=True), (family, own)
    assert 1 < ms["mobilenet_v1-0.25"] < ms["mobilenet_v1"] < ms["vit_tiny"] < 5000
