"""Experiments over REST: an agenda becomes runs in pairs, is watched and stopped as a whole."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from benchmarks.agenda import MOST_RUNS
from fleet.dispatch import QUEUE_LIMIT, sweep
from fleet.models import Device, Event, Experiment, Host, Run
from fleet.models.token import SCOPES
from tests.fleet.test_api import Caller, error_of

pytestmark = pytest.mark.django_db

AGENDA: dict[str, Any] = {
    "experiment": "threads",
    "config": {"repeats": 2, "priority": "high"},
    "sections": [{"id": "two", "params": {"threads": 2}}, {"id": "four", "params": {"threads": 4}}],
    "workloads": [
        {"id": "rn50", "benchmark": "thermal_soak", "params": {"duration_s": 600}},
    ],
    "devices": {"select": {"kind": "virtual"}},
}
SIXTEEN = [{"id": f"s{n}"} for n in range(16)]


@pytest.fixture
def ci() -> Caller:
    return Caller()


@pytest.fixture
def phones() -> list[Device]:
    host = Host.objects.create(name="lab")
    facts = {"kind": "virtual", "health": "good", "connection": "device", "host": host}
    return [
        Device.objects.create(serial=f"127.0.0.1:600{n}", state="idle", **facts) for n in (0, 1)
    ]


def agenda(**changes: Any) -> dict[str, Any]:
    return json.loads(json.dumps(AGENDA)) | changes  # type: ignore[no-any-return]


def test_an_agenda_becomes_pairs_on_each_device(ci: Caller, phones: list[Device]) -> None:
    answer = ci.post("/experiments", AGENDA)
    assert answer.status_code == 201, answer.json()
    number = answer.json()["id"]
    assert answer.json()["progress"]["total"] == 8
    for phone in phones:
        runs = Run.objects.filter(experiment=number, wanted=phone).order_by("pk")
        seats = [(run.section, run.repeat) for run in runs]
        assert seats == [("two", 0), ("four", 0), ("four", 1), ("two", 1)]
        assert [run.spec_json["benchmark"]["threads"] for run in runs] == [2, 4, 4, 2]
        assert {run.priority for run in runs} == {75}
    assert Event.objects.filter(word="queued").count() == 8


def test_yaml_is_taken_as_well_and_told_its_line(ci: Caller, phones: list[Device]) -> None:
    text = "experiment: a\nworkloads:\n  - {id: x, benchmark: thermal_soak}\n"
    answer = ci._client.post("/api/v1/experiments", text, content_type="application/yaml")
    assert answer.status_code == 201, answer.json()
    assert Run.objects.count() == 1
    wrong = text.replace("thermal_soak", "soak")
    answer = ci._client.post("/api/v1/experiments", wrong, content_type="application/yaml")
    assert answer.status_code == 422
    assert "line 3, workloads.0.benchmark" in error_of(answer)["message"]


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"config": {"repeat": 2}}, "config.repeat", "repeats"),
        ({"workloads": []}, "workloads", "at least 1"),
        ({"devices": {"select": {"colour": "red"}}}, "devices.select.colour", "colour"),
        ({"devices": {"select": {"soc": "Exynos"}}}, "devices.select", "kind virtual"),
        ({"devices": {"count": 3}}, "devices.count", "2 match"),
        ({"sections": [{"id": "a", "policy": {"kind": "stack"}}]}, "sections.0.policy", "stock"),
        ({"config": {"repeats": 200}, "sections": SIXTEEN}, "config.repeats", f"{MOST_RUNS}"),
    ],
)
def test_a_bad_agenda_names_the_field_and_stores_nothing(
    ci: Caller, phones: list[Device], changes: dict[str, Any], field: str, says: str
) -> None:
    answer = ci.post("/experiments", agenda(**changes))
    assert answer.status_code == 422, answer.json()
    error = error_of(answer)
    assert error["field"] == field
    assert says in error["message"] + error.get("hint", "")
    assert Experiment.objects.count() == Run.objects.count() == 0


def test_a_farm_whose_phones_are_all_unwell_says_so(ci: Caller, phones: list[Device]) -> None:
    Device.objects.update(health="maintenance")
    error = error_of(ci.post("/experiments", AGENDA))
    assert "maintenance" in error["message"]


def test_the_same_key_queues_an_agenda_once(ci: Caller, phones: list[Device]) -> None:
    first, again = (ci.post("/experiments", AGENDA, key="k").json() for _ in range(2))
    assert first["id"] == again["id"]
    assert Experiment.objects.count() == 1


def test_an_experiment_shows_its_runs_and_what_is_left(ci: Caller, phones: list[Device]) -> None:
    number = ci.post("/experiments", AGENDA).json()["id"]
    now = timezone.now()
    for phone in phones:
        first, second = Run.objects.filter(wanted=phone).order_by("pk")[:2]
        Run.objects.filter(pk=first.pk).update(
            state="completed",
            device=phone,
            started_at=now - timedelta(seconds=70),
            finished_at=now - timedelta(seconds=30),
        )
        Run.objects.filter(pk=second.pk).update(
            state="measuring", device=phone, fence=phone.pk, started_at=now - timedelta(seconds=30)
        )
    shown = ci.get(f"/experiments/{number}").json()
    assert shown["state"] == "measuring"
    assert shown["progress"]["done"] == 2
    # 3 runs of 40 s are left on each device, of which 30 s have passed.
    assert shown["progress"]["left_s"] == pytest.approx(90, abs=2)
    assert [run["section"] for run in shown["runs"][:2]] == ["two", "two"]
    assert shown["report"] == f"/reports/comparison?experiment={number}"


def test_a_cancelled_experiment_starts_nothing_more(ci: Caller, phones: list[Device]) -> None:
    number = ci.post("/experiments", AGENDA).json()["id"]
    answer = ci.post(f"/experiments/{number}/cancellation")
    assert (answer.status_code, answer.json()["asked"]) == (202, 8)
    assert set(Run.objects.values_list("state", flat=True)) == {"cancelled"}
    assert ci.get(f"/experiments/{number}").json()["state"] == "cancelled"
    assert ci.post(f"/experiments/{number}/cancellation").status_code == 409


def test_the_last_runs_of_a_long_experiment_are_not_forgotten(
    ci: Caller, phones: list[Device]
) -> None:
    long, stuck = (ci.post("/experiments", AGENDA).json()["id"] for _ in range(2))
    now = timezone.now()
    Run.objects.update(created_at=now - QUEUE_LIMIT - timedelta(hours=1))
    done = Run.objects.filter(experiment=long).order_by("pk")[0]
    Run.objects.filter(pk=done.pk).update(state="completed", finished_at=now - timedelta(hours=2))
    sweep()
    states = Run.objects.filter(experiment=long).values_list("state", flat=True)
    assert sorted(states) == ["completed", *["queued"] * 7]
    assert set(Run.objects.filter(experiment=stuck).values_list("state", flat=True)) == {"failed"}


def test_reading_needs_a_token_and_writing_its_scope(phones: list[Device]) -> None:
    reader = Caller(("runs:read",))
    assert reader.post("/experiments", AGENDA).status_code == 403
    assert reader.get("/experiments").json() == {"items": [], "next": None}
    assert reader.get("/experiments/7").status_code == 404
    assert len(SCOPES) > 1
