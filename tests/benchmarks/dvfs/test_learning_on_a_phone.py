"""Planning anew while a phone works, in process: the same on a busy machine as on a quiet one."""

from typing import Any

from benchmarks.reproductions.phones import run_near
from benchmarks.solo import Outcome
from benchmarks.specs import parse


def measured(policy: dict[str, Any], **params: Any) -> Outcome:
    benchmark = {"kind": "dvfs", "workload": "resnet50", "duration_s": 40, "slack": 2,
                 "grid_memory": 2, "repeats": 3, **params}  # fmt: skip
    gate = {"start_gate": {"timeout_s": 0}}
    return run_near("pixel-6", parse({"benchmark": benchmark, "policy": policy,
                                      "preconditions": gate}))  # fmt: skip


def known(outcome: Outcome) -> dict[str, float]:
    return {m.name: m.value for m in outcome.analysis.metrics if m.value is not None}


def test_too_much_kept_back_is_given_up_while_the_load_runs() -> None:
    outcome = measured({"kind": "neurobalancer", "margin": 0.3})
    mine, plans = known(outcome), outcome.trace.events_of("planned")
    assert mine["margin"] < 0.1 < 0.3 == plans[0].data["margin"]
    assert mine["replans"] == len(plans) - 1 >= 1
    assert plans[-1].data["predicted_uj"] < plans[0].data["predicted_uj"]
    assert "kept back after" in plans[-1].data["why"]
    assert mine["deadline_hit"] >= 0.99
    assert mine["prediction_error"] < 0.05, "each inference is held against its own plan"
    stubborn = known(measured({"kind": "neurobalancer", "margin": 0.3, "learns": False}))
    assert (stubborn["margin"], stubborn["replans"]) == (0.3, 0.0)
    assert stubborn["punctuality_p50"] < mine["punctuality_p50"] - 0.05


def test_traffic_alone_saves_little_and_knows_no_deadline() -> None:
    watched = measured({"kind": "sysscale_like"}, duration_s=10, slack=1.5)
    told = watched.document["details"]["dvfs"]
    assert told["plan"]["windows"]["length_s"] == 0.03
    assert told["plan"]["knobs"] == {"mem.gov": "userspace"}, "the cores are left alone"
    assert sum(share for _, share in told["residency"]["memory_clock"]) > 0.99
    lazy = measured({"kind": "neurobalancer"}, duration_s=10, slack=1.5)
    assert known(lazy)["energy_mj"] < 0.9 * known(watched)["energy_mj"]
