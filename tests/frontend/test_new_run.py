"""The form of a new run: made from the spec, refusing at the field, queueing what was asked."""

import html
import json
import re
import shlex

import pytest
from django.test import Client

from benchmarks.catalog import CATALOG
from fleet.models import Device, Run

pytestmark = pytest.mark.django_db


def answer_to(person: Client, status: int = 422, /, **typed: str) -> str:
    fields = {"benchmark": "thermal_soak"} | {
        name.replace("__", "."): value for name, value in typed.items()
    }
    answer = person.post("/runs/new", fields)
    assert answer.status_code == status
    return answer.content.decode()


def error_at(page: str, name: str) -> str:
    """Return what stands in red at a field."""
    found = re.search(rf'id="id_{name}_error".*?<span>(.*?)</span>', page, re.DOTALL)
    assert found, f"no error at {name}"
    return html.unescape(found[1])


def test_every_parameter_of_the_spec_is_a_field_with_unit_bounds_and_default(
    person: Client,
) -> None:
    page = person.get("/runs/new").content.decode()
    for name in CATALOG["thermal_soak"].spec_model.model_fields:
        assert (f'name="params.{name}"' in page) == (name != "kind")
    duration = page[page.index('id="id_params_duration_s"') :][:600]
    assert 'value="1800"' in duration
    assert 'min="1"' in duration
    assert 'max="7200"' in duration
    assert ">s</span>" in duration
    assert '<option value="mobilenet_v2">' in page


def test_a_run_is_queued_as_it_was_typed(person: Client, honor: Device) -> None:
    typed = {"params__duration_s": "90", "params__workload": "mobilenet_v2", "seed": "7"}
    gate = {"preconditions__start_gate__relative_c": "2.5"}
    answer_to(person, 302, device=honor.serial, **typed, **gate)
    run = Run.objects.get()
    assert run.state == "queued"
    assert run.wanted == honor
    assert run.created_by is not None
    assert run.created_by.username == "ada"
    assert run.spec_json["benchmark"]["duration_s"] == 90
    assert run.spec_json["benchmark"]["workload"] == "mobilenet_v2"
    assert run.spec_json["preconditions"]["start_gate"]["relative_c"] == 2.5
    assert run.spec_json["seed"] == 7


def test_all_that_is_wrong_stands_at_its_field_and_nothing_is_stored(person: Client) -> None:
    page = answer_to(
        person, params__duration_s="100000", params__threads="two", params__workload="vgg"
    )
    assert "less than or equal to 7200" in error_at(page, "params_duration_s")
    assert "integer" in error_at(page, "params_threads")
    assert "mobilenet_v2" in error_at(page, "params_workload")
    assert not Run.objects.exists()


def test_what_was_typed_is_kept_after_an_error(person: Client) -> None:
    page = answer_to(person, params__duration_s="100000", params__period_ms="12.5")
    assert 'value="100000"' in page
    assert 'value="12.5"' in page
    assert 'aria-invalid="true"' in page


def test_the_start_gate_opens_when_something_in_it_is_wrong(person: Client) -> None:
    page = answer_to(person, preconditions__start_gate__relative_c="-1")
    assert "greater than 0" in error_at(page, "preconditions_start_gate_relative_c")
    assert '<details class="disclosure" open>' in page


def test_an_error_without_a_field_stands_at_the_top(person: Client) -> None:
    gate = {"timeout_s": "30", "hold_s": "60"}
    page = answer_to(person, **{f"preconditions__start_gate__{k}": v for k, v in gate.items()})
    assert "must hold 60 s" in html.unescape(page)


def test_an_unknown_device_or_benchmark_is_refused_in_words(person: Client, honor: Device) -> None:
    page = html.unescape(answer_to(person, device="127.0.0.1:6001"))
    assert "127.0.0.1:6001" in page
    assert honor.serial in page
    page = html.unescape(answer_to(person, benchmark="thermal_soap"))
    assert "thermal_soak" in page
    assert not Run.objects.exists()


def test_the_preview_is_the_same_run_over_rest(person: Client, honor: Device) -> None:
    asked = {"benchmark": "thermal_soak", "params.duration_s": "90", "device": honor.serial}
    page = person.get("/runs/new/preview", asked).content.decode()
    found = re.search(r'id="curl">(.*?)</pre>', page, re.DOTALL)
    assert found
    words = shlex.split(html.unescape(found[1]).replace("\\\n", " "))
    assert words[1] == "http://testserver/api/v1/runs"
    body = json.loads(words[words.index("-d") + 1])
    answer = person.post("/api/v1/runs", body, content_type="application/json")
    assert answer.status_code == 201
    run = Run.objects.get()
    assert run.wanted == honor
    assert run.spec_json["benchmark"]["duration_s"] == 90


def test_asking_again_starts_from_the_earlier_run(person: Client, finished: Run) -> None:
    page = person.get(f"/runs/new?like={finished.pk}").content.decode()
    assert 'value="660' in page
    assert re.search(r'value="127\.0\.0\.1:6000"\s+checked', page)


def test_a_device_can_be_chosen_by_the_link_on_its_card(person: Client, honor: Device) -> None:
    page = person.get(f"/runs/new?device={honor.serial}").content.decode()
    assert re.search(r'value="127\.0\.0\.1:6000"\s+checked', page)


def test_a_policy_is_chosen_with_its_parameters_and_shown_as_both_commands(
    person: Client, honor: Device
) -> None:
    asked = {"benchmark": "shifting", "policy.kind": "dynamic_shifting", "policy.t_lim_c": "70"}
    widths = {"params.widths": "1, 0.5", "params.shared_weights": "true"}
    page = html.unescape(person.get("/runs/new/preview", asked | widths).content.decode())
    assert "--policy dynamic_shifting" in page
    assert "--param policy.t_lim_c=70" in page
    assert "--param widths=1,0.5" in page
    answer = person.post("/runs/new", asked | widths)
    assert answer.status_code == 302
    spec = Run.objects.get().spec_json
    assert spec["policy"]["t_lim_c"] == 70
    assert spec["benchmark"]["widths"] == [1.0, 0.5]
    assert spec["benchmark"]["shared_weights"] is True


def test_what_is_wrong_with_a_policy_stands_at_its_field(person: Client) -> None:
    typed = {"policy__kind": "dynamic_shifting", "policy__t_lim_c": "300"}
    page = answer_to(person, benchmark="shifting", **typed)
    assert "less than or equal to 110" in error_at(page, "policy_t_lim_c")
    page = answer_to(person, benchmark="shifting", params__accuracies="0.7, 0.8")
    assert "nothing to shift for" in error_at(page, "params_accuracies")


def test_another_benchmark_forgets_a_policy_that_is_not_for_it(person: Client) -> None:
    asked = {"benchmark": "thermal_soak", "policy.kind": "dynamic_shifting"}
    page = person.get("/runs/new/fields", asked).content.decode()
    assert '<option value="stock" selected>' in page
    assert "dynamic_shifting" not in page


def test_every_kind_and_policy_has_a_page(person: Client) -> None:
    page = person.get("/benchmarks/").content.decode()
    for path in set(re.findall(r'href="(/(?:benchmarks|policies)/[a-z_0-9]+/)"', page)):
        assert person.get(path).status_code == 200
    assert person.get("/policies/cold/").status_code == 404
