"""REST refuses what cannot be: one shape, the field, the way out, and nothing is queued."""

from typing import Any

import pytest
from django.utils import timezone

from fleet.dispatch import hand_out
from fleet.models import Device, Host, Run
from tests.fleet.test_api import Caller, error_of
from tests.refusals import OF_THE_PHONE, OF_THE_WISH, Asked

pytestmark = pytest.mark.django_db

CLUSTER = {
    "name": "big",
    "policy": 4,
    "cpus": [4, 5, 6, 7],
    "frequencies_khz": [800000, 2000000],
    "max_khz": 2000000,
}
PROFILE = {
    "serial": "127.0.0.1:6000",
    "kind": "virtual",
    "model": "HONOR V30 PRO",
    "clusters": [CLUSTER],
    "zones": [{"index": 0, "type": "cluster2"}],
}


@pytest.fixture
def ci() -> Caller:
    return Caller()


@pytest.fixture
def phone() -> Device:
    host = Host.objects.create(name="lab")
    return Device.objects.create(
        host=host, serial="127.0.0.1:6000", kind="virtual", state="idle", profile_json=PROFILE,
        health="good",
    )  # fmt: skip


def wish(asked: Asked) -> dict[str, Any]:
    return {"benchmark": asked.benchmark, "params": asked.params, "policy": asked.policy}


def agenda(asked: Asked) -> dict[str, Any]:
    row = {"id": "one", "benchmark": asked.benchmark, "params": asked.params}
    section = {"id": "only", "policy": asked.policy}
    return {"experiment": asked.name, "sections": [section], "workloads": [row]}


def check(asked: Asked, answer: Any, place: str) -> None:
    assert answer.status_code == 422, asked.name
    error = error_of(answer)
    assert error["field"] == place
    assert all(words in error["message"] for words in asked.words), error["message"]
    assert Run.objects.count() == 0


@pytest.mark.parametrize("asked", [*OF_THE_WISH, *OF_THE_PHONE], ids=lambda asked: asked.name)
def test_a_run_is_refused_at_its_field(ci: Caller, phone: Device, asked: Asked) -> None:
    place = asked.place.replace("benchmark.", "params.")
    if asked in OF_THE_PHONE:  # named, or the only one that there is
        check(asked, ci.post("/runs", wish(asked) | {"device": phone.serial}), place)
    check(asked, ci.post("/runs", wish(asked)), place)


@pytest.mark.parametrize("asked", [*OF_THE_WISH, *OF_THE_PHONE], ids=lambda asked: asked.name)
def test_an_agenda_is_refused_where_it_says_so(ci: Caller, phone: Device, asked: Asked) -> None:
    section, _, name = asked.place.partition(".")
    place = {
        "benchmark": f"workloads.0.params.{name}",
        "policy": f"sections.0.policy{'.' if name else ''}{name}",
    }[section]
    check(asked, ci.post("/experiments", agenda(asked)), place)


def test_a_run_for_any_device_goes_to_one_that_can(ci: Caller, phone: Device) -> None:
    rooted = PROFILE | {"serial": "127.0.0.1:6001", "is_rooted": True}
    other = Device.objects.create(
        host=phone.host, serial="127.0.0.1:6001", kind="virtual", state="idle",
        connection="device", health="good", profile_json=rooted,
    )  # fmt: skip
    Device.objects.filter(pk=phone.pk).update(connection="device")
    Device.objects.update(responsive_at=timezone.now())
    Host.objects.update(worker_at=timezone.now())
    for asked in OF_THE_PHONE[:2]:
        answer = ci.post("/runs", wish(asked))
        assert answer.status_code == 201, answer.content
    hand_out()
    assert list(Device.objects.exclude(holder=None)) == [other]
    assert ci.post("/experiments", agenda(OF_THE_PHONE[0])).status_code == 201
    assert set(Run.objects.exclude(wanted=None).values_list("wanted", flat=True)) == {other.pk}
