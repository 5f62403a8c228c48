"""A soak of several networks at once, and what is said of each."""

from benchmarks.analysis.ranks import minute_metrics, ranks
from benchmarks.reproductions.phones import run_near
from benchmarks.specs import parse

GATE = {"start_gate": {"timeout_s": 0}}


def test_networks_side_by_side_are_measured_apart() -> None:
    soak = {"kind": "thermal_soak", "workload": "mobilenet_v2", "duration_s": 130, "sample_hz": 2}
    alone = run_near("honor-v30-pro", parse({"benchmark": soak, "preconditions": GATE}))
    both = {**soak, "beside": "resnet50"}
    mixed = run_near("honor-v30-pro", parse({"benchmark": both, "preconditions": GATE}))
    p50 = [
        next(metric.value for metric in run.analysis.metrics if metric.name == "p50_ms") or 0.0
        for run in (alone, mixed)
    ]
    # Its own latency, not that of a mix with a network of fourteen times its work.
    assert p50[0] < p50[1] < 4 * p50[0]
    minutes = mixed.analysis.details["minutes_of_each_ms"]
    assert list(minutes) == ["0: mobilenet_v2", "1: resnet50"]
    assert minutes["1: resnet50"][0] > 5 * minutes["0: mobilenet_v2"][0]
    assert set(mixed.analysis.details["ranks"]["by_slow_down"]) == set(minutes)


def test_the_rank_at_the_end_is_not_the_rank_at_first() -> None:
    minutes = {"sprinter": [10.0] * 9 + [30.0] * 21, "steady": [12.0] * 30}
    assert ranks(minutes) == {"by_slow_down": ["steady", "sprinter"]}
    early, late, ratio = minute_metrics(minutes["sprinter"])
    assert (early.value, late.value, ratio.value) == (10.0, 30.0, 3.0)


def test_a_short_soak_says_that_it_has_no_thirtieth_minute() -> None:
    late = minute_metrics([10.0, 11.0])[1]
    assert late.value is None
    assert late.note == "the load lasted 2 whole minutes"
