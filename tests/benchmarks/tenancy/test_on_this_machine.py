"""Several applications on this machine: real inferences that take turns by weight."""

from benchmarks.solo import run_once
from benchmarks.specs import parse
from devices.phone import connect
from tests.parts.adb import virtual_phones

TENANTS = "mobilenet_v2:60:60 mobilenet_v2:70:400"


def test_shares_are_kept_with_real_inferences() -> None:
    benchmark = {"kind": "multi_tenant", "duration_s": 5, "tenants": TENANTS, "threads": 1,
                 "fewest": 2, "most": 2}  # fmt: skip
    spec = parse({"benchmark": benchmark, "policy": {"kind": "greedy_fps"},
                  "preconditions": {"start_gate": {"timeout_s": 0}}})  # fmt: skip
    with virtual_phones(host_device=True) as farm:
        outcome = run_once(connect(farm.serials[-1], server=farm.server), spec, lambda *_: None)
    assert outcome.document["device_kind"] == "host"
    one, other = outcome.document["details"]["tenants"]
    share, rest = one["stays"][0][3], other["stays"][0][3]
    assert share + rest <= 1.001
    assert share != rest
    # Frames of one size: they come as the shares say, whatever one inference takes today.
    alone = {rung["variant"]: rung["latency_s"]
             for tenant in outcome.trace.events_of("tenants")[0].data["tenants"]
             for rung in tenant["rungs"]}  # fmt: skip
    busy = [tenant["fps"] * alone[tenant["stays"][0][2]] for tenant in (one, other)]
    assert abs(busy[0] / sum(busy) - share / (share + rest)) < 0.08
