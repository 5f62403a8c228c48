"""Several applications on this machine: real inferences that take turns by weight."""

from benchmarks.solo import run_once
from benchmarks.specs import parse
from benchmarks.trace import Trace
from devices.phone import connect
from tests.parts.adb import virtual_phones

TENANTS = "mobilenet_v2:60:5 mobilenet_v2:60:200"  # one in a hurry, one with time


def test_shares_are_kept_with_real_inferences() -> None:
    benchmark = {"kind": "multi_tenant", "duration_s": 5, "tenants": TENANTS, "threads": 1,
                 "fewest": 2, "most": 2}  # fmt: skip
    spec = parse({"benchmark": benchmark, "policy": {"kind": "min_total"},
                  "preconditions": {"start_gate": {"timeout_s": 0}}})  # fmt: skip
    with virtual_phones(host_device=True) as farm:
        outcome = run_once(connect(farm.serials[-1], server=farm.server), spec, lambda *_: None)
    assert outcome.document["device_kind"] == "host"
    one, other = outcome.document["details"]["tenants"]
    share, rest = one["stays"][0][3], other["stays"][0][3]
    assert share + rest <= 1.001
    # The same network for both: turn by turn, each would get half.
    assert share > 0.7
    assert abs(computed(outcome.trace) - share / (share + rest)) < 0.08


def computed(trace: Trace) -> float:
    """Return the first lane's share of what both computed while both were there.

    By the processor's time: on a busy machine turns last longer, for whoever has them.
    """
    signals = trace.signals
    lane, cpu_s = signals["inference.lane"].values, signals["inference.cpu"].values
    began_s = signals["inference.lane"].t_s
    lanes = [began_s[lane == number] for number in (0, 1)]
    both = (began_s >= max(each[0] for each in lanes)) & (began_s <= min(e[-1] for e in lanes))
    mine, theirs = (cpu_s[both & (lane == number)].sum() for number in (0, 1))
    return float(mine / (mine + theirs))
