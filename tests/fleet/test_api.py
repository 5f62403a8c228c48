"""REST: who may ask, how errors look, and that asking twice does once."""

import json
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from fleet.models import Device, Event, Host, Run, Token
from fleet.models.token import SCOPES

pytestmark = pytest.mark.django_db

SOAK = {"benchmark": "thermal_soak", "params": {"workload": "resnet50", "duration_s": 60}}


class Caller:
    """A CI job with a token."""

    def __init__(self, scopes: tuple[str, ...] = SCOPES) -> None:
        user = get_user_model().objects.create_user(f"ci-{len(scopes)}")
        self.row, self.text = Token.issue(user.pk, "test", scopes)
        self._client = Client(headers={"Authorization": f"Bearer {self.text}"})

    def get(self, path: str) -> Any:
        return self._client.get(f"/api/v1{path}")

    def post(self, path: str, body: object = None, key: str = "") -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        return self._client.post(
            f"/api/v1{path}", json.dumps(body), content_type="application/json", headers=headers
        )


@pytest.fixture
def ci() -> Caller:
    return Caller()


@pytest.fixture
def phone() -> Device:
    host = Host.objects.create(name="lab")
    return Device.objects.create(
        host=host, serial="127.0.0.1:6000", kind="virtual", name="Honor V30 Pro", state="idle"
    )


def error_of(response: Any) -> Any:
    return response.json()["error"]


def test_health_is_open_and_everything_else_needs_a_token() -> None:
    client = Client()
    assert client.get("/api/v1/health").json() == {"status": "ok"}
    for path in ("devices", "benchmarks", "workloads", "runs", "tokens", "runs/1/trace"):
        answer = client.get(f"/api/v1/{path}")
        assert answer.status_code == 401, path
        assert "Bearer" in error_of(answer)["hint"]


def test_a_write_without_any_credentials_is_told_how_to_get_some() -> None:
    answer = Client(enforce_csrf_checks=True).post(
        "/api/v1/runs", json.dumps(SOAK), content_type="application/json"
    )
    assert answer.status_code == 401
    assert "Bearer" in error_of(answer)["hint"]


def test_the_documentation_needs_a_login() -> None:
    assert Client().get("/api/v1/docs").status_code == 302
    assert Client().get("/api/v1/openapi.json").status_code in (302, 401)


def test_a_token_reads_the_documentation_too(ci: Caller) -> None:
    """A client can be generated where nobody logs in."""
    told = Client().get("/api/v1/openapi.json", headers={"authorization": f"Bearer {ci.text}"})
    assert told.status_code == 200
    assert "/api/v1/runs" in told.json()["paths"]
    wrong = Client().get("/api/v1/openapi.json", headers={"authorization": "Bearer simmer_x"})
    assert wrong.status_code == 302


def test_only_the_hash_of_a_token_is_stored(ci: Caller) -> None:
    assert ci.text.encode() not in bytes(ci.row.digest)
    assert ci.text not in str(Token.objects.values())


def test_a_revoked_token_opens_nothing(ci: Caller) -> None:
    assert ci.post(f"/tokens/{ci.row.pk}").status_code == 405
    Token.objects.update(revoked_at="2026-01-01T00:00:00Z")
    assert ci.get("/devices").status_code == 401


def test_a_token_may_do_only_what_its_scopes_say(phone: Device) -> None:
    reader = Caller(("devices:read", "runs:read"))
    assert reader.get("/devices").status_code == 200
    answer = reader.post("/runs", SOAK)
    assert answer.status_code == 403
    assert "runs:write" in error_of(answer)["message"]
    assert Run.objects.count() == 0


def test_a_new_token_cannot_have_more_than_the_one_that_made_it() -> None:
    small = Caller(("tokens:self", "runs:read"))
    made = small.post("/tokens", {"label": "more", "scopes": list(SCOPES)}).json()
    assert set(made["scopes"]) == {"tokens:self", "runs:read"}
    assert made["token"].startswith("simmer_")


def test_every_device_says_what_kind_it_is(ci: Caller, phone: Device) -> None:
    listed = ci.get("/devices").json()["items"]
    assert [device["device_kind"] for device in listed] == ["virtual"]
    assert ci.get("/devices/127.0.0.1:6000").json()["name"] == "Honor V30 Pro"
    assert ci.get("/devices/lab:127.0.0.1:6000").json()["name"] == "Honor V30 Pro"


def test_an_unknown_device_is_named_with_those_that_exist(ci: Caller, phone: Device) -> None:
    answer = ci.get("/devices/nobody")
    assert answer.status_code == 404
    assert "nobody" in error_of(answer)["message"]
    assert phone.serial in error_of(answer)["hint"]


def test_a_run_is_queued_with_its_history(ci: Caller, phone: Device) -> None:
    answer = ci.post("/runs", SOAK | {"device": phone.serial, "labels": {"build": "pr-1"}})
    assert answer.status_code == 201, answer.json()
    document = answer.json()
    assert document["state"] == "queued"
    assert document["device_kind"] == "virtual"
    assert document["params"]["duration_s"] == 60
    assert document["schema"] == "simmer.run/1"
    events = ci.get(f"/runs/{document['id']}/events").json()["items"]
    assert [event["word"] for event in events] == ["queued"]


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"benchmark": "thermal_soap"}, "benchmark", "thermal_soak"),
        ({"device": "nobody"}, "device", "nobody"),
        ({"params": {"duration_m": 5}}, "params.duration_m", "duration_s"),
        ({"params": {"duration_s": -1}}, "params.duration_s", "-1"),
        ({"params": {"duration_s": "5 kg"}}, "params.duration_s", "5 kg"),
        ({"params": {"workload": "resnet5"}}, "params.workload", "resnet50"),
        ({"policy": {"kind": "stack"}}, "policy", "stock"),
        ({"priority": 101}, "priority", "101"),
        ({"selector": {"colour": "red"}}, "selector", "colour"),
        ({"nonsense": 1}, "nonsense", "nonsense"),
    ],
)
def test_a_bad_wish_names_the_field_and_stores_nothing(
    ci: Caller, phone: Device, change: dict[str, Any], field: str, says: str
) -> None:
    answer = ci.post("/runs", SOAK | change)
    assert answer.status_code == 422, answer.json()
    error = error_of(answer)
    assert error["field"] == field
    assert says in error["message"] + error.get("hint", "")
    assert Run.objects.count() == 0
    assert Event.objects.filter(run__isnull=False).count() == 0


def test_a_body_that_is_no_json_is_refused_with_a_sentence(ci: Caller) -> None:
    answer = ci._client.post("/api/v1/runs", "{", content_type="application/json")
    assert answer.status_code in (400, 422)
    assert error_of(answer)["message"]


def test_the_same_key_submits_once_and_answers_alike(ci: Caller, phone: Device) -> None:
    first = ci.post("/runs", SOAK, key="build-7")
    again = ci.post("/runs", SOAK, key="build-7")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert Run.objects.count() == 1
    other = ci.post("/runs", SOAK | {"priority": 60}, key="build-7")
    assert other.status_code == 422
    assert error_of(other)["code"] == "idempotency_key_reused"


def test_a_queued_run_is_cancelled_at_once_and_only_once(ci: Caller, phone: Device) -> None:
    run = ci.post("/runs", SOAK).json()["id"]
    answer = ci.post(f"/runs/{run}/cancellation")
    assert (answer.status_code, answer.json()["cancellation"]) == (202, "cancelled")
    assert ci.get(f"/runs/{run}").json()["state"] == "cancelled"
    assert ci.post(f"/runs/{run}/cancellation").status_code == 409


def test_runs_come_in_pages_newest_first(ci: Caller) -> None:
    made = [ci.post("/runs", SOAK).json()["id"] for _ in range(3)]
    first = ci.get("/runs?limit=2").json()
    assert [run["id"] for run in first["items"]] == [made[2], made[1]]
    rest = ci.get(f"/runs?limit=2&after={first['next']}").json()
    assert [run["id"] for run in rest["items"]] == [made[0]]
    assert rest["next"] is None


def test_runs_are_found_by_state_and_label(ci: Caller) -> None:
    ci.post("/runs", SOAK | {"labels": {"build": "a"}})
    ci.post("/runs", SOAK | {"labels": {"build": "b"}})
    assert len(ci.get("/runs?label=build:a").json()["items"]) == 1
    assert len(ci.get("/runs?state=queued").json()["items"]) == 2
    assert ci.get("/runs?state=measuring").json()["items"] == []


def test_a_missing_run_is_a_clear_404(ci: Caller) -> None:
    for path in ("", "/events", "/metrics", "/trace"):
        answer = ci.get(f"/runs/4711{path}")
        assert answer.status_code == 404, path
        assert "4711" in error_of(answer)["message"]


def test_the_catalog_carries_the_schema_of_each_kind(ci: Caller) -> None:
    kinds = {kind["kind"]: kind for kind in ci.get("/benchmarks").json()["items"]}
    assert kinds["thermal_soak"]["schema"]["properties"]["duration_s"]["description"]
    assert ci.get("/benchmarks/nothing").status_code == 404


def test_a_login_needs_the_csrf_token_to_write() -> None:
    get_user_model().objects.create_user("ada", password="a long word indeed")
    client = Client(enforce_csrf_checks=True)
    client.force_login(
        get_user_model().objects.get(username="ada"), "django.contrib.auth.backends.ModelBackend"
    )
    assert client.get("/api/v1/devices").status_code == 200
    answer = client.post("/api/v1/runs", json.dumps(SOAK), content_type="application/json")
    assert answer.status_code == 403
    assert Run.objects.count() == 0


def test_the_openapi_document_lists_every_door(ci: Caller) -> None:
    from fleet.api import api

    paths = api.get_openapi_schema()["paths"]
    for path in ("/devices", "/benchmarks", "/runs", "/runs/{run_id}/trace", "/tokens", "/health"):
        assert f"/api/v1{path}" in paths
