"""Tenants on a phone behind a real adb server, whose time goes on while the host thinks."""

import pytest

from benchmarks.analysis.tenancy import opened_s
from benchmarks.conversation import Tick
from benchmarks.solo import run_once
from benchmarks.specs import parse
from devices.phone import connect
from devices.samples import Item
from tests.parts.adb import virtual_phones

TENANTS = "vgg16_gtsrb:90:400 mobilenet_v2:60:15 mobilenet_v2:70:300"


def ignore(_phase: str, _item: Item | Tick) -> None:
    """Watch nothing."""


def test_a_trial_of_tenants_ends_when_its_time_has_come() -> None:
    """Lanes go idle one after another, and none of them is started again."""
    benchmark = {"kind": "multi_tenant", "tenants": TENANTS, "most": 3, "duration_s": 20}
    with virtual_phones("honor-v30-pro", speed=20) as phones:
        phone = connect(phones.serials[0], server=phones.server)
        for seed in (1, 2):
            spec = parse({
                "benchmark": benchmark,
                "policy": {"kind": "status_quo"},
                "seed": seed,
                "preconditions": {"start_gate": {"hold_s": 5, "timeout_s": 0}},
            })  # fmt: skip
            outcome = run_once(phone, spec, ignore)
            lasted_s = outcome.trace.duration_s - opened_s(outcome.trace)
            assert lasted_s == pytest.approx(20, abs=3), seed
            assert outcome.document["verdict"] != "invalid"
