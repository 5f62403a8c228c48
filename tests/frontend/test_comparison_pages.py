"""Experiments and comparisons as people see them, and as the file that they send around."""

import re
from pathlib import Path

import pytest
from django.test import Client

from fleet.imports import import_results
from fleet.models import Device, Experiment, Run
from tests.frontend import farm
from tests.frontend.paired_runs import experiment_of

GOLDEN = Path(__file__).parents[1] / "golden" / "imports"
pytestmark = pytest.mark.django_db


def test_a_comparison_shows_verdict_interval_pairs_and_what_stands_behind(
    person: Client, honor: Device
) -> None:
    experiment = experiment_of(honor)
    html = person.get(f"/reports/comparison?experiment={experiment.pk}").content.decode()
    for text in ("four against two", "worse", "Latency p50", "10 pairs", "virtual · 20×"):
        assert text in html, text
    for text in ("Rank at minute 1 against minute 30", "Detectable", "Wilcoxon", "threads"):
        assert text in html, text
    assert html.count("interval__dot") == 20


def test_not_comparable_names_the_keys_with_both_values(person: Client, honor: Device) -> None:
    experiment = experiment_of(honor)
    changed = honor.profile_json | {"fingerprint": "maker/other/13"}  # type: ignore[operator]
    Run.objects.filter(section="four").update(device_json=changed)
    html = person.get(f"/reports/comparison?experiment={experiment.pk}").content.decode()
    assert "is not comparable, because" in html
    assert "os_build" in html
    assert "maker/other/13" in html
    assert "interval__dot" not in html


def test_the_file_asks_nobody_for_anything_and_says_virtual(person: Client, honor: Device) -> None:
    experiment = experiment_of(honor)
    answer = person.get(f"/reports/comparison.html?experiment={experiment.pk}")
    assert "comparison-virtual-" in answer.headers["Content-Disposition"]
    html = answer.content.decode()
    assert html.splitlines()[1] == "<!-- virtual -->"
    assert not re.search(r"<(script|link|img|iframe)\b|url\(|@import|https?://(?!testserver)", html)
    assert "four against two" in html


def test_check_boxes_become_an_address_to_keep(person: Client, honor: Device) -> None:
    experiment = experiment_of(honor, pairs=1)
    numbers = list(experiment.runs.order_by("pk").values_list("pk", flat=True))
    assert 'name="runs"' in person.get("/runs/").content.decode()
    answer = person.get("/reports/comparison", {"runs": numbers})
    assert answer.status_code == 302
    assert answer["Location"] == f"/reports/comparison?runs={numbers[0]},{numbers[1]}"
    assert "6 are the fewest" in person.get(answer["Location"]).content.decode()


def test_a_question_that_cannot_be_answered_says_why(person: Client) -> None:
    answer = person.get("/reports/comparison?runs=4711")
    assert answer.status_code == 422
    assert "there is no run 4711" in answer.content.decode()
    assert person.get("/reports/comparison.html?threshold=x&runs=1").status_code == 422


def test_hostile_names_stay_text_in_page_and_file(person: Client, honor: Device) -> None:
    Device.objects.filter(pk=honor.pk).update(name="<script>alert(1)</script>")
    experiment = experiment_of(honor)
    for page in ("comparison", "comparison.html"):
        html = person.get(f"/reports/{page}?experiment={experiment.pk}").content.decode()
        assert "<script>alert" not in html


def test_choices_write_an_agenda_and_the_agenda_is_queued(person: Client, honor: Device) -> None:
    shown = person.get("/experiments/new").content.decode()
    assert "experiment: a or b" in shown
    assert "20 runs" in shown
    choices = {"compare": "threads", "first": "2", "second": "4", "repeats": "6"}
    box = person.get("/experiments/new/preview", choices | {"device": honor.serial})
    text = box.content.decode()
    assert "12 runs" in text
    assert "id: threads-4" in text
    answer = person.post("/experiments/new", choices | {"device": honor.serial})
    experiment = Experiment.objects.get()
    assert answer["Location"] == f"/experiments/{experiment.pk}/"
    threads = [r.spec_json["benchmark"]["threads"] for r in experiment.runs.order_by("pk")]
    assert threads[:4] == [2, 4, 4, 2]
    page = person.get(answer["Location"]).content.decode()
    assert "0 of 12" in page
    assert "virtual · 20×" in page


def test_a_wrong_agenda_stays_as_it_was_typed_with_its_line(person: Client, honor: Device) -> None:
    typed = "experiment: x\nworkloads:\n  - {id: a, benchmark: soak}\n"
    answer = person.post("/experiments/new", {"agenda": typed})
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "line 3, workloads.0.benchmark: There is no benchmark" in html
    assert "id: a, benchmark: soak" in html
    assert Experiment.objects.count() == 0


def test_an_experiment_is_stopped_as_a_whole_and_asked_for_again(
    person: Client, honor: Device
) -> None:
    person.post("/experiments/new", {"repeats": "6"})
    experiment = Experiment.objects.get()
    answer = person.post(f"/experiments/{experiment.pk}/cancellation", follow=True)
    assert "12 runs asked to stop" in answer.content.decode()
    assert set(experiment.runs.values_list("state", flat=True)) == {"cancelled"}
    again = person.post(f"/experiments/{experiment.pk}/cancellation", follow=True)
    assert "nothing to cancel" in again.content.decode()
    copied = person.get(f"/experiments/new?like={experiment.pk}").content.decode()
    assert "repeats: 6" in copied
    assert "seed: 1001" in copied


def test_a_confirmation_is_offered_and_told(person: Client, honor: Device) -> None:
    first, again = experiment_of(honor), experiment_of(honor)
    page = f"/reports/comparison?experiment={first.pk}"
    html = person.get(page).content.decode()
    assert "not confirmed by new pairs yet" in html
    assert f'<option value="{again.pk}">' in html
    html = person.get(f"{page}&confirmation={again.pk}").content.decode()
    assert "10 pairs, confirmed" in html


def test_a_watched_experiment_is_loaded_anew_when_it_ends(person: Client, honor: Device) -> None:
    experiment = experiment_of(honor, pairs=1)
    Run.objects.filter(experiment=experiment, section="four").update(state="queued")
    page = person.get(f"/experiments/{experiment.pk}/").content.decode()
    found = re.search(r'hx-get="(/experiments/\d+/status[^"]*)"', page)
    assert found
    assert "HX-Refresh" not in person.get(found[1]).headers
    Run.objects.filter(experiment=experiment).update(state="completed")
    assert person.get(found[1]).headers["HX-Refresh"] == "true"


def test_without_experiments_the_list_says_what_to_ask(person: Client) -> None:
    assert "Ask the first question" in person.get("/experiments/").content.decode()


def test_an_imported_run_has_a_page_and_a_place_beside_a_comparison(person: Client) -> None:
    text = (GOLDEN / "benchncnn.txt").read_text()
    runs = import_results(text, "", "my old phone", {}, None)
    page = person.get(f"/runs/{runs[1].pk}/").content.decode()
    for word in ("mobilenet v2", "imported", "my old phone", "7.31", "something new is printed"):
        assert word in page, word
    html = person.get(f"/reports/comparison?runs={runs[0].pk},{runs[1].pk}").content.decode()
    assert "numbers of other tools" in html
    assert "my old phone" in html
    assert "Ask again" not in page
    assert "my old phone" in person.get("/runs/").content.decode()


def test_devices_of_different_kinds_are_never_compared(person: Client, honor: Device) -> None:
    machine = farm.device(farm.MACHINE)
    experiment_of(honor, pairs=1)
    experiment_of(machine, pairs=1)
    numbers = ",".join(
        str(r) for r in Run.objects.filter(section="two").values_list("pk", flat=True)
    )
    html = person.get(f"/reports/comparison?runs={numbers}&by=device").content.decode()
    assert "device_kind" in html
    assert "is not comparable, because" in html
