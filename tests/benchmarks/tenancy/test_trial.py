"""Tenants on a virtual phone in this process: who came, what they ran, what it says."""

from dataclasses import replace
from itertools import pairwise

import pytest

from benchmarks.analysis.churn import churn_metric, churn_reasons
from benchmarks.analysis.tenancy import opened_s
from benchmarks.analysis.throttling import detect
from benchmarks.catalog.multi_tenant import PROFILE_LANE
from benchmarks.catalog.tenancy_figures import tenancy_figures
from benchmarks.figures import Bars, Gantt, Subject
from benchmarks.reproductions.phones import run_near
from benchmarks.solo import Outcome
from benchmarks.specs import RunSpec, SpecError, parse

POLICIES = {
    "stock": {"kind": "stock"},
    "status_quo": {"kind": "status_quo"},
    "min_total": {"kind": "min_total", "alpha": 1},
}
DECIDING = ("status_quo", "min_total")
TENANTS = "mobilenet_v2:68:100 mobilenet_v2:60:15 mobilenet_v2:70:300"


def spec_of(policy: str, **params: object) -> RunSpec:
    """Return a short trial of three applications of one family."""
    benchmark = {
        "kind": "multi_tenant",
        "tenants": TENANTS,
        "duration_s": 20,
        "fewest": 1,
        "most": 3,
        **params,
    }
    gate = {"hold_s": 5, "timeout_s": 5, "slope_c_per_min": 60}
    preconditions = {"start_gate": gate}
    return parse(
        {"benchmark": benchmark, "policy": POLICIES[policy], "preconditions": preconditions}
    )


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Outcome]:
    """The same coming and going under two policies."""
    return {name: run_near("pixel-6", spec_of(name)) for name in DECIDING}


def metrics_of(outcome: Outcome) -> dict[str, float]:
    return {m.name: m.value for m in outcome.analysis.metrics if m.value is not None}


def test_tenants_come_and_go_as_the_timeline_says(outcomes: dict[str, Outcome]) -> None:
    timeline = spec_of("min_total").benchmark.timeline(1)  # type: ignore[union-attr]
    for outcome in outcomes.values():
        told = [event.data["present"] for event in outcome.trace.events_of("tenancy")]
        assert set(told[0]) == set(timeline[0])
        assert told[-1] == []
        for before, after in pairwise(told[:-1]):
            assert len(set(before) ^ set(after)) <= 2  # one draw per second, at most two at once
        assert {name for names in told for name in names} <= {n for s in timeline for n in s}


def test_the_churn_that_was_drawn_is_met_where_the_host_is_near(
    outcomes: dict[str, Outcome],
) -> None:
    """And not where the host looks too seldom: here at every fifth change."""
    for outcome in outcomes.values():
        assert metrics_of(outcome)["churn_missed"] < 0.1
        trace = outcome.trace
        tenancy = trace.events_of("tenancy")
        seldom = tuple(e for e in trace.events if e.kind != "tenancy" or tenancy.index(e) % 5 == 0)
        late = replace(trace, events=seldom)
        assert (churn_metric(late).value or 0) > 0.25
        (reason,) = churn_reasons(late)
        assert "of the time others were there" in reason.sentence
        assert churn_reasons(trace) == ()


def test_a_policy_gives_out_the_whole_phone_at_every_moment(outcomes: dict[str, Outcome]) -> None:
    for outcome in outcomes.values():
        stays = [stay for t in outcome.analysis.details["tenants"] for stay in t["stays"]]
        for moment in sorted({start for start, *_ in stays}):
            shares = [share for start, end, _, share in stays if start <= moment < end]
            assert sum(shares) == pytest.approx(1.0, abs=0.01)


def test_today_nobody_changes_its_network_and_with_a_policy_they_do(
    outcomes: dict[str, Outcome],
) -> None:
    used = {
        name: {stay[2] for t in outcome.analysis.details["tenants"] for stay in t["stays"]}
        for name, outcome in outcomes.items()
    }
    assert used["status_quo"] == {"mobilenet_v2-0.75"}
    assert len(used["min_total"]) > 1
    quo, total = (metrics_of(outcomes[name]) for name in ("status_quo", "min_total"))
    assert quo["paged_in_mb"] == 0
    assert quo["mean_accuracy"] == pytest.approx(0.689)
    assert total["mean_accuracy"] != quo["mean_accuracy"]
    assert total["inferences"] > 100


def test_an_application_of_nested_networks_has_another_one_today() -> None:
    """What nesting gains in accuracy is there only if the status quo runs what it would run."""
    tenants = "vgg16_gtsrb:95:20 resnet50_places32:75:60"
    found = {
        name: run_near("pixel-6", spec_of(name, tenants=tenants, fewest=2, most=2, duration_s=6))
        for name in DECIDING
    }
    used = {
        name: {stay[2]: stay[3] for t in one.analysis.details["tenants"] for stay in t["stays"]}
        for name, one in found.items()
    }
    assert set(used["status_quo"]) == {"vgg16_gtsrb-alone", "resnet50_places32-alone"}
    assert not set(used["status_quo"]) & set(used["min_total"])
    today = metrics_of(found["status_quo"])["mean_accuracy"]
    assert today == pytest.approx((0.958 + 0.753) / 2)
    with_policy = {t["name"]: t for t in found["min_total"].analysis.details["tenants"]}
    for name, least in (("vgg16_gtsrb#0", 94.5), ("resnet50_places32#1", 68.8)):
        assert least <= with_policy[name]["accuracy_pct"] <= 98.6


def test_where_nobody_decides_all_run_their_most_accurate_network() -> None:
    outcome = run_near("pixel-6", spec_of("stock", duration_s=6))
    found = metrics_of(outcome)
    used = {stay[2] for t in outcome.analysis.details["tenants"] for stay in t["stays"]}
    assert used == {"mobilenet_v2"}
    assert found["mean_accuracy"] == pytest.approx(0.705)
    assert found["mean_fps"] > 10
    assert outcome.analysis.verdict.word == "valid"


def test_what_ran_before_the_tenants_came_is_nobody_s_service(
    outcomes: dict[str, Outcome],
) -> None:
    """Timing the variants alone lasts longest on a phone whose time runs fast."""
    for outcome in outcomes.values():
        trace, found = outcome.trace, metrics_of(outcome)
        lanes, latency = trace.signals["inference.lane"], trace.signals["inference.latency"]
        alone = lanes.values == PROFILE_LANE
        assert 0 < alone.sum() < lanes.values.size
        assert found["inferences"] <= latency.values.size - alone.sum()
        served_s = latency.values[~alone & (trace.signals["inference.flags"].values == 0)]
        assert found["mean_ms"] == pytest.approx(1e3 * served_s.mean(), rel=0.02)
        power = trace.signals["system.power"].readings
        during = power.between(opened_s(trace), trace.duration_s)
        joules = during.values.mean() * (trace.duration_s - opened_s(trace))
        assert found["energy_mj"] == pytest.approx(1e3 * joules / found["inferences"], rel=0.05)


def test_a_fast_phone_is_given_the_time_that_its_host_takes_to_time_variants() -> None:
    """At fifty times the speed of life a second of this machine is most of a minute there."""
    spec = spec_of("min_total")
    variants = {name for each in spec.benchmark.tenants for name in each.variants}  # type: ignore[union-attr]
    assert spec.longest_s >= spec.planned_s + 50 * 2 * len(variants)


def test_another_network_is_no_throttling(outcomes: dict[str, Outcome]) -> None:
    """Rungs and shares change how long a frame takes, and clocks fall while nobody is there."""
    for outcome in outcomes.values():
        found, details = metrics_of(outcome), outcome.analysis.details
        assert found["throttled_fraction"] == 0
        assert details["throttled"] == []
        assert set(details["signs"]) == {"capped", "slowed"}
        assert "k" not in {metric.name for metric in outcome.analysis.metrics}
    uneven, even = (detect(outcomes["min_total"].trace, is_even=wish) for wish in (False, True))
    assert uneven.can_tell
    assert even.delayed is not None
    assert even.delayed.any()  # the control: latency did rise


def test_a_run_in_which_nobody_ever_ran_is_invalid() -> None:
    outcome = run_near("pixel-6", spec_of("status_quo", duration_s=6, memory_mb=5))
    verdict = outcome.analysis.verdict
    assert verdict.word == "invalid"
    assert [r.sentence for r in verdict.reasons if r.name == "nobody_ran"] == [
        "No tenant ever ran: raise memory_mb, or take a policy that swaps nobody out."
    ]


def test_an_application_with_priority_gets_more_of_the_phone() -> None:
    """Two of one network and one wish; only the priority differs."""
    tenants = "mobilenet_v2:74:10:5 mobilenet_v2:74:10"
    spec = spec_of("min_total", tenants=tenants, fewest=2, most=2, duration_s=5)
    first, second = run_near("pixel-6", spec).analysis.details["tenants"]
    assert min(stay[3] for stay in first["stays"]) > 0.6
    assert max(stay[3] for stay in second["stays"]) < 0.4


def test_a_light_network_is_profiled_at_the_clocks_of_a_loaded_phone() -> None:
    """Its first inferences end before a governor has seen any load."""
    outcome = run_near("pixel-6", spec_of("status_quo", tenants="vgg16_gtsrb:95:20", most=1))
    (tenant,) = outcome.trace.events_of("tenants")[0].data["tenants"]
    latencies_s = [rung["latency_s"] for rung in tenant["rungs"]]
    assert latencies_s == sorted(latencies_s)
    (served,) = outcome.analysis.details["tenants"]
    assert 1 / served["fps"] == pytest.approx(tenant["alone"]["latency_s"], rel=0.1)


def test_a_comparison_draws_every_tenant_and_breaks_where_it_was_away(
    outcomes: dict[str, Outcome],
) -> None:
    subjects = [
        Subject(run, run, name, {}, outcome.analysis.details, policy={"kind": name})
        for run, (name, outcome) in enumerate(outcomes.items())
    ]
    drawn = tenancy_figures(subjects)
    charts = [figure for figure in drawn if isinstance(figure, Gantt)]
    assert [chart.title for chart in charts] == [f"Who was there: {name}" for name in outcomes]
    for chart in charts:
        assert len(chart.lanes) == 3
        for lane in chart.lanes:
            ends = [end for one in lane.stretches for end in (one.start, one.end)]
            assert ends == sorted(ends)
            assert all(0 < one.height <= 1 for one in lane.stretches)
    today = {one.words.split(",")[0] for lane in charts[0].lanes for one in lane.stretches}
    assert today == {"mobilenet_v2-0.75"}  # today's one model
    titles = [figure.title for figure in drawn[len(charts) :]]
    assert titles == ["What sharing gains", "Memory", "Concurrency"]
    atonce = drawn[-1]
    assert isinstance(atonce, Bars)
    for bar in atonce.bars:
        assert sum(bar.values) == pytest.approx(100)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"tenants": "resnet50:74"}, "'resnet50:74' is not family:accuracy:latency"),
        ({"tenants": "resnet18:74:100"}, "resnet18"),
        ({"fewest": 3, "most": 2}, "fewest 3 ≤ most 2"),
        ({"most": 5}, "most 5 ≤ 3 tenants does not hold: name more tenants or lower most"),
        ({"p_create": 0.8, "p_kill": 0.5}, "more than 1 together"),
        ({"tenants": " ".join(["mobilenet_v2:68:100"] * 9)}, "9 applications, 1 to 7 can be"),
    ],
)
def test_what_cannot_be_is_refused_before_a_phone_is_touched(
    params: dict[str, object], words: str
) -> None:
    with pytest.raises(SpecError, match=words.replace("(", r"\(")):
        spec_of("min_total", **params)
