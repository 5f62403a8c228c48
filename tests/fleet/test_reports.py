"""Comparisons of stored runs: the object that REST answers and the page renders."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from benchmarks.analysis.metrics import ANALYSIS_VERSION
from fleet.analysis import analyze
from fleet.models import Device, Metric, Run
from fleet.overlay import Load, under_load
from fleet.traces.stored import StoredEvent
from fleet.traces.window import Window
from tests.fleet.test_api import Caller, error_of
from tests.frontend import farm
from tests.frontend.paired_runs import experiment_of

pytestmark = pytest.mark.django_db
GOLDEN = Path(__file__).parents[1] / "golden" / "imports"
CONTRADICTED = "not confirmed: the second set of pairs says same"


@pytest.fixture
def ci() -> Caller:
    return Caller()


@pytest.fixture
def honor() -> Device:
    return farm.device(farm.HONOR)


@pytest.fixture
def finished(honor: Device) -> Run:
    run = farm.run_on(honor, 660)
    return farm.finish(run, farm.SoakWriter(run), 660)


def row_of(report: Any, metric: str) -> Any:
    [row] = [row for row in report["rows"] if row["metric"] == metric]
    return row


def test_ten_pairs_give_a_verdict_with_everything_behind_it(ci: Caller, honor: Device) -> None:
    number = experiment_of(honor).pk
    report = ci.get(f"/reports/comparison?experiment={number}").json()
    assert report["by"] == "section"
    assert [side["name"] for side in report["sides"]] == ["two", "four"]
    assert report["device_kinds"] == ["virtual"]
    row = row_of(report, "p50_ms")
    assert (row["verdict"], row["mark"], row["design"], row["count"]) == (
        "worse",
        "+",
        "paired",
        10,
    )
    assert row["change"]["low"] < 0.08 < row["change"]["high"]
    assert row["detectable"] > 0
    assert len(row["pairs"]) == 10
    assert row["confirmed"] is False
    assert row_of(report, "peak_skin_c")["verdict"] == "same"
    assert report["permalink"] == f"/reports/comparison?experiment={number}"


def test_the_order_at_minute_30_is_not_that_of_minute_1(ci: Caller, honor: Device) -> None:
    number = experiment_of(honor).pk
    [ranking] = ci.get(f"/reports/comparison?experiment={number}").json()["rankings"]
    assert (ranking["minute"], ranking["has_changed"]) == (30, True)
    assert 0 < ranking["minutes_apart"] < 30
    assert all(len(one["ranks"]) == 30 for one in ranking["contenders"])
    places = {one["label"].split(" ")[0]: one for one in ranking["contenders"]}
    assert (places["two"]["first_rank"], places["two"]["late_rank"]) == (1, 2)


def test_the_reference_and_the_threshold_are_the_askers_choice(ci: Caller, honor: Device) -> None:
    number = experiment_of(honor).pk
    path = f"/reports/comparison?experiment={number}&reference=four&threshold=0.2"
    report = ci.get(path).json()
    assert [side["name"] for side in report["sides"]] == ["four", "two"]
    assert row_of(report, "p50_ms")["verdict"] == "same"
    assert report["permalink"] == path


@pytest.mark.parametrize(
    ("second", "word", "is_confirmed"), [(1.08, "worse", True), (1.0, "inconclusive", False)]
)
def test_new_pairs_confirm_or_take_back(
    ci: Caller, honor: Device, second: float, word: str, is_confirmed: bool
) -> None:
    first, again = experiment_of(honor).pk, experiment_of(honor, second).pk
    path = f"/reports/comparison?experiment={first}&confirmation={again}"
    report = ci.get(path).json()
    row = row_of(report, "p50_ms")
    assert (row["verdict"], row["confirmed"]) == (word, is_confirmed)
    assert report["permalink"] == path
    assert row["because"] == ("" if is_confirmed else CONTRADICTED)


def test_what_differs_besides_is_named_and_nothing_is_compared(ci: Caller, honor: Device) -> None:
    number = experiment_of(honor).pk
    changed = honor.profile_json | {"fingerprint": "maker/other/13"}  # type: ignore[operator]
    Run.objects.filter(experiment=number, section="four").update(device_json=changed)
    report = ci.get(f"/reports/comparison?experiment={number}").json()
    assert {row["verdict"] for row in report["rows"]} == {"not_comparable"}
    [conflict] = report["not_comparable"]
    assert list(conflict["keys"]) == ["os_build"]
    assert "maker/other/13" in conflict["keys"]["os_build"]
    assert "os_build" in report["provenance"]["differing"]


@pytest.mark.parametrize(
    ("query", "field", "says"),
    [
        ("by=colour", "by", "There is no thing to compare by 'colour'"),
        ("by=label:build", "by", "There is: "),
        ("reference=fourr", "reference", "Did you mean 'four'?"),
    ],
)
def test_sides_that_these_runs_do_not_have_are_refused(
    ci: Caller, honor: Device, query: str, field: str, says: str
) -> None:
    number = experiment_of(honor, pairs=1).pk
    answer = ci.get(f"/reports/comparison?experiment={number}&{query}")
    assert (answer.status_code, error_of(answer)["field"]) == (422, field)
    assert says in error_of(answer)["message"]


def test_stored_repeats_of_the_same_thing_give_the_noise_floor(ci: Caller, honor: Device) -> None:
    numbers = [experiment_of(honor).pk for _ in range(2)]
    row = row_of(ci.get(f"/reports/comparison?experiment={numbers[1]}").json(), "p50_ms")
    assert 0.005 < row["noise_floor"] < 0.03


def test_ten_repeats_are_too_few_for_a_noise_floor(ci: Caller, honor: Device) -> None:
    number = experiment_of(honor).pk
    row = row_of(ci.get(f"/reports/comparison?experiment={number}").json(), "p50_ms")
    assert row["noise_floor"] is None


def test_an_invalid_run_takes_its_pair_along_and_says_why(ci: Caller, honor: Device) -> None:
    experiment = experiment_of(honor)
    [victim, *_] = experiment.runs.order_by("pk")
    Run.objects.filter(pk=victim.pk).update(
        verdict="invalid", reasons=[{"name": "gaps", "sentence": "Rows are missing."}]
    )
    report = ci.get(f"/reports/comparison?experiment={experiment.pk}").json()
    assert row_of(report, "p50_ms")["count"] == 9
    assert report["left_out"] == [
        {"run": victim.pk, "because": "its verdict is invalid. Rows are missing."}
    ]


def test_imported_numbers_stand_beside_and_never_enter_a_verdict(ci: Caller, honor: Device) -> None:
    text = (GOLDEN / "onnxruntime.txt").read_text()
    answer = ci.post("/imports", {"text": text, "device": "my old phone"})
    assert answer.status_code == 201, answer.json()
    [kept] = answer.json()["items"]
    assert (kept["device_kind"], kept["state"], kept["verdict"]) == ("imported", "completed", None)
    experiment = experiment_of(honor)
    numbers = [kept["id"], *experiment.runs.values_list("pk", flat=True)]
    path = f"/reports/comparison?runs={','.join(map(str, numbers))}"
    report = ci.get(path).json()
    assert report["device_kinds"] == ["imported", "virtual"]
    assert [side["name"] for side in report["sides"]] == ["two", "four"]
    assert row_of(report, "p50_ms")["verdict"] == "worse"  # as without it
    [beside] = report["imported"]
    assert beside["device"] == "my old phone"
    assert {m["name"]: m["value"] for m in beside["metrics"]}["p50_ms"] == pytest.approx(14.02)


def test_only_imported_numbers_give_no_verdict_at_all(ci: Caller) -> None:
    text = (GOLDEN / "benchncnn.txt").read_text()
    items = ci.post("/imports", {"text": text}).json()["items"]
    runs = ",".join(str(item["id"]) for item in items)
    report = ci.get(f"/reports/comparison?runs={runs}").json()
    assert (report["rows"], report["sides"], len(report["imported"])) == ([], [], 3)


def test_a_text_that_nobody_can_read_is_refused_and_nothing_is_kept(ci: Caller) -> None:
    for body, field in (({"text": "hi"}, "text"), ({"text": "hi", "tool": "ncn"}, "tool")):
        answer = ci.post("/imports", body)
        assert (answer.status_code, error_of(answer)["field"]) == (422, field)
    assert Run.objects.count() == 0
    assert Caller(("runs:read",)).post("/imports", {"text": "hi"}).status_code == 403


def test_devices_are_compared_side_by_side_and_each_says_its_name(
    ci: Caller, honor: Device
) -> None:
    pixel = farm.device(farm.PIXEL)
    runs = []
    for phone, factor in ((honor, 1.0), (pixel, 0.5)):
        experiment_of(phone, factor, pairs=4)
        runs += list(Run.objects.filter(wanted=phone, section="two").values_list("pk", flat=True))
    text = ",".join(map(str, runs))
    report = ci.get(f"/reports/comparison?runs={text}&by=device").json()
    assert [side["name"].split(" (")[0] for side in report["sides"]] == ["Honor V30 Pro", "Pixel 6"]
    row = row_of(report, "p50_ms")
    assert (row["design"], row["count"]) == ("unpaired", 4)


def test_two_labels_are_two_sides(ci: Caller, honor: Device) -> None:
    experiment = experiment_of(honor)
    for section, build in (("two", "main"), ("four", "pr-1")):
        Run.objects.filter(experiment=experiment, section=section).update(labels={"build": build})
    report = ci.get("/reports/comparison?a=build:main&b=build:pr-1").json()
    assert [side["name"] for side in report["sides"]] == ["main", "pr-1"]
    assert row_of(report, "p50_ms")["verdict"] == "worse"


@pytest.mark.parametrize(
    ("query", "field", "says"),
    [
        ("", "runs", "no run is named"),
        ("runs=4711", "runs", "4711"),
        ("runs=a", "runs", "'a' is no number"),
        ("experiment=4711", "experiment", "no runs"),
        ("a=build", "a", "KEY:VALUE"),
        ("a=build:1&b=branch:2", "b", "same label"),
        ("runs=1&threshold=7", "threshold", "less than 1"),
        ("runs=1&wat=7", "wat", "wat"),
    ],
)
def test_a_bad_question_names_its_field(ci: Caller, query: str, field: str, says: str) -> None:
    answer = ci.get(f"/reports/comparison?{query}")
    assert answer.status_code == 422, answer.json()
    error = error_of(answer)
    assert error["field"] == field
    assert says in error["message"] + error.get("hint", "")


def test_stored_traces_are_laid_over_each_other_from_the_start_of_the_load(
    ci: Caller, finished: Run
) -> None:
    report = ci.get(f"/reports/comparison?runs={finished.pk}").json()
    figures = {figure["title"]: figure for figure in report["figures"]}
    panels = {panel["title"]: panel for panel in figures["Traces"]["panels"]}
    assert list(panels) == ["Temperature", "Frequency", "Latency", "Power"]
    [latency] = panels["Latency"]["lines"]
    assert 0 <= latency["x"][0] < 0.1
    assert latency["x"][-1] == pytest.approx(11.0, abs=0.2)
    assert 90 < latency["y"][0] < 130
    [hottest] = panels["Temperature"]["lines"]
    assert hottest["bands"][0][0] == pytest.approx(9.0, abs=0.1)
    assert "Minute by minute" in figures


def test_a_load_of_many_lanes_ends_with_the_last_of_them() -> None:
    told = ((5, "started"), (9, "idle"), (12, "started"), (80, "idle"), (70, "idle"))
    events = tuple(StoredEvent(1, at, at, t, kind, {}) for at, (t, kind) in enumerate(told))
    assert under_load(Window(0, (), events, ()), {1}) == Load(5, 5, 80)


def test_a_trace_with_tenants_is_laid_from_when_they_came_to_when_the_last_lane_ended(
    ci: Caller, honor: Device
) -> None:
    run = farm.run_on(honor, 300)
    writer = farm.SoakWriter(run)
    writer.event(1.0, "idle", {"lane": 7})  # a variant that was timed alone
    writer.event(60.0, "tenants", {"tenants": []})
    farm.finish(run, writer, 300)
    Run.objects.filter(pk=run.pk).update(details={"throttled": [[120.0, 180.0]]})
    report = ci.get(f"/reports/comparison?runs={run.pk}").json()
    [traces] = [figure for figure in report["figures"] if figure["title"] == "Traces"]
    [line] = traces["panels"][0]["lines"]
    assert 0 <= line["x"][0] < 0.1
    assert line["x"][-1] == pytest.approx(4.0, abs=0.1)
    assert line["bands"] == [[1.0, 2.0]]


def test_a_stored_trace_is_judged_anew_without_a_phone(finished: Run) -> None:
    before = {m.name: m.value for m in finished.newest_metrics}
    Run.objects.filter(pk=finished.pk).update(analysis=ANALYSIS_VERSION - 1, verdict="")
    Metric.objects.filter(run=finished).update(analysis=ANALYSIS_VERSION - 1, value=-1.0)
    said = io.StringIO()
    call_command("reanalyze", "--outdated", stdout=said)
    finished.refresh_from_db()
    assert (finished.analysis, finished.verdict) == (ANALYSIS_VERSION, "degraded")
    assert {m.name: m.value for m in finished.newest_metrics} == before
    assert Metric.objects.filter(run=finished, value=-1.0).count() == len(before)
    assert f"run {finished.pk}" in said.getvalue()
    call_command("reanalyze", str(finished.pk), stdout=said)
    assert finished.newest_metrics.count() == len(before)


def test_a_second_analysis_stands_beside_the_first(
    ci: Caller, finished: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[int] = []
    monkeypatch.setattr("fleet.analysis.ring_analysis", rung.append)
    address = f"/runs/{finished.pk}/analysis"
    assert ci.post(address).status_code == 409
    Run.objects.filter(pk=finished.pk).update(analysis=ANALYSIS_VERSION - 1)
    Metric.objects.filter(run=finished).update(analysis=ANALYSIS_VERSION - 1, value=-1.0)
    answer = ci.post(address)
    assert (answer.status_code, rung) == (202, [finished.pk])
    assert answer.json() == {
        "run": finished.pk,
        "analysis": ANALYSIS_VERSION - 1,
        "wanted": ANALYSIS_VERSION,
    }
    for _ in range(2):  # a doorbell may ring twice
        analyze(finished.pk)
    told = ci.get(f"/runs/{finished.pk}/metrics").json()
    assert told["analysis"] == ANALYSIS_VERSION
    names = {item["name"] for item in told["items"]}
    assert told["earlier"] == {str(ANALYSIS_VERSION - 1): dict.fromkeys(names, -1.0)}


def test_a_run_whose_wish_is_refused_today_keeps_its_numbers(finished: Run) -> None:
    Run.objects.filter(pk=finished.pk).update(analysis=ANALYSIS_VERSION - 1)
    spec = finished.spec_json | {"benchmark": {"kind": "thermal_soak", "duration_s": -1}}
    Run.objects.filter(pk=finished.pk).update(spec_json=spec)
    said = io.StringIO()
    with pytest.raises(CommandError, match="1 runs cannot be read"):
        call_command("reanalyze", "--outdated", stdout=said, stderr=said)
    assert f"run {finished.pk} keeps degraded" in said.getvalue()


def test_re_analysis_of_a_run_that_is_not_there_is_refused() -> None:
    with pytest.raises(CommandError, match="run 4711 is not there"):
        call_command("reanalyze", "4711")
    with pytest.raises(CommandError, match="--outdated"):
        call_command("reanalyze")
