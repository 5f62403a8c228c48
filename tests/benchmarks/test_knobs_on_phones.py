"""Knobs that a run asks for: applied, read back, told, and put back whatever happens."""

from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks.conversation import Tick
from benchmarks.preparation import NotSettled
from benchmarks.solo import Outcome, run_once
from benchmarks.specs import SpecError, parse
from devices.errors import StableDeviceError
from devices.phone import Phone, connect
from devices.samples import Item
from tests.parts.adb import VirtualPhones, virtual_phones

CAP = "/sys/devices/system/cpu/cpufreq/policy6/scaling_max_freq"
SLOW_KHZ = "1426000"


@pytest.fixture(scope="module")
def farm() -> Iterator[VirtualPhones]:
    with virtual_phones("pixel-6", "honor-v30-pro", speed=50) as phones:
        yield phones


@pytest.fixture
def rooted(farm: VirtualPhones) -> Phone:
    return connect(farm.serials[0], server=farm.server)


def run(phone: Phone, gate: dict[str, Any] | None = None, **knobs: Any) -> Outcome:
    names = {name.replace("__", "."): value for name, value in knobs.items()}
    benchmark = {"kind": "thermal_soak", "workload": "mobilenet_v2", "duration_s": 20}
    preconditions = {"start_gate": gate or {"timeout_s": 0}, "knobs": names}
    return run_once(phone, parse({"benchmark": benchmark, "preconditions": preconditions}), ignore)


def ignore(_phase: str, _item: Item | Tick) -> None:
    """Watch nothing."""


def cap_of(phone: Phone) -> str:
    return phone.run(["cat", CAP]).stdout.strip()


def test_a_capped_cluster_runs_slower_and_is_free_again_afterwards(rooted: Phone) -> None:
    before = cap_of(rooted)
    free, capped = run(rooted), run(rooted, cluster6__max_khz=int(SLOW_KHZ))
    assert capped.document["baseline"]["knobs"] == {
        "cluster6.max_khz": {"want": SLOW_KHZ, "got": SLOW_KHZ}
    }
    latency = [
        {metric.name: metric.value for metric in outcome.analysis.metrics}["p50_ms"]
        for outcome in (free, capped)
    ]
    assert latency[0] is not None
    assert latency[1] is not None
    assert latency[1] > 1.3 * latency[0]
    reasons = [reason.name for reason in capped.analysis.verdict.reasons]
    assert "throttled_before_start" not in reasons
    assert cap_of(rooted) == before


def test_knobs_go_back_when_the_run_fails(rooted: Phone) -> None:
    before = cap_of(rooted)
    never = {"slope_c_per_min": 1e-9, "hold_s": 5, "timeout_s": 5, "on_timeout": "fail"}
    with pytest.raises(NotSettled):
        run(rooted, gate=never, cluster6__max_khz=SLOW_KHZ)
    assert cap_of(rooted) == before


def test_a_knob_or_value_that_is_not_there_is_refused_and_nothing_is_set(rooted: Phone) -> None:
    before = cap_of(rooted)
    with pytest.raises(StableDeviceError, match=r"no knob 'cluster9.max_khz'"):
        run(rooted, cluster9__max_khz=SLOW_KHZ)
    with pytest.raises(StableDeviceError, match="not '7'"):
        run(rooted, cluster6__max_khz="7")
    assert cap_of(rooted) == before


def test_a_phone_without_root_is_refused_with_a_way_out(farm: VirtualPhones) -> None:
    with pytest.raises(StableDeviceError, match="choose a phone with root"):
        run(connect(farm.serials[1], server=farm.server), cluster4__max_khz="1600000")


def test_a_knob_is_a_word_before_any_phone_is_touched() -> None:
    for knobs in ({"cluster4;reboot": "1"}, {"cluster4.max_khz": "$(reboot)"}):
        with pytest.raises(SpecError):
            parse({"benchmark": {"kind": "thermal_soak"}, "preconditions": {"knobs": knobs}})


def test_a_vendor_that_meddles_degrades_the_run_and_is_named(
    farm: VirtualPhones, rooted: Phone
) -> None:
    before = cap_of(rooted)
    farm.ctl(rooted.serial, "hal", "on")
    try:
        outcome = run(rooted, cluster6__max_khz=SLOW_KHZ)
    finally:
        farm.ctl(rooted.serial, "hal", "off")
    (drift,) = [r for r in outcome.analysis.verdict.reasons if r.name == "setting_drift"]
    assert "cluster6.max_khz did not stay as set" in drift.sentence
    assert cap_of(rooted) == before


def test_a_knob_that_stays_is_no_drift(rooted: Phone) -> None:
    outcome = run(rooted, cluster6__max_khz=SLOW_KHZ)
    assert "setting_drift" not in [reason.name for reason in outcome.analysis.verdict.reasons]
