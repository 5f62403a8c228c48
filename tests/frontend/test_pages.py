"""Every page: who may see it, what it may load, what it says about the numbers it shows."""

import re

import pytest
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils import timezone

from fleet.models import Device, Run
from frontend.urls import urlpatterns
from tests.frontend import farm

pytestmark = pytest.mark.django_db
OPEN = {"login"}


def address(pattern: URLPattern) -> str:
    """Return an address that the pattern matches."""
    wanted = str(pattern.pattern)
    arguments: dict[str, int | str] = {"pk": 1} if "<int:pk>" in wanted else {}
    if ":name>" in wanted:
        arguments["name"] = "honor-v30-pro"
    return reverse(str(pattern.name), kwargs=arguments)


@pytest.mark.parametrize("pattern", urlpatterns, ids=lambda pattern: str(pattern.name))
def test_every_page_but_the_login_asks_who_you_are(pattern: URLPattern) -> None:
    answer = Client().get(address(pattern))
    if pattern.name in OPEN:
        assert answer.status_code == 200
    elif pattern.name == "logout":
        assert answer.status_code in (302, 405)
    else:
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("login"))


@pytest.mark.parametrize("pattern", urlpatterns, ids=lambda pattern: str(pattern.name))
def test_every_answer_carries_the_content_policy(pattern: URLPattern, person: Client) -> None:
    policy = person.get(address(pattern)).headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "default-src 'self'" in policy
    assert "unsafe-eval" not in policy
    assert "frame-ancestors 'none'" in policy


def test_no_page_has_a_script_of_its_own_or_from_elsewhere(person: Client, finished: Run) -> None:
    for path in ("/", "/runs/", "/runs/new", f"/runs/{finished.pk}/"):
        html = person.get(path).content.decode()
        for tag in re.findall(r"<script\b[^>]*>", html):
            assert 'src="/static/' in tag or 'type="application/json"' in tag, (path, tag)
        assert not re.search(r"\son[a-z]+=", html), path


def test_a_farm_without_phones_says_what_to_do_next(person: Client) -> None:
    html = person.get("/").content.decode()
    assert "No phones yet" in html
    assert "manage.py up --phones 3" in html


def test_a_card_names_device_kind_speed_temperature_and_state(
    person: Client, honor: Device
) -> None:
    html = person.get(f"/devices/{honor.pk}/card").content.decode()
    for text in ("Honor V30 Pro", "Kirin 990", "virtual", "20×", "31.2", "idle", "Start a run"):
        assert text in html, text


def test_a_card_says_why_its_phone_takes_no_run(person: Client) -> None:
    reason = "unlock the phone and allow USB debugging for this computer"
    phone = farm.device(farm.REAL, state="offline", connection="unauthorized", reason=reason)
    html = person.get(f"/devices/{phone.pk}/card").content.decode()
    assert reason in html
    assert "Start a run" not in html


def test_a_card_shows_how_far_the_run_on_it_is(person: Client, honor: Device) -> None:
    noted = {"phase": "soak", "t_s": 450, "planned_s": 1800}
    run = farm.run_on(honor, 1800, progress=noted)
    html = person.get(f"/devices/{honor.pk}/card").content.decode()
    assert "25 %" in html
    assert "1 min 08 s left" in html  # 1350 s of device time at 20×
    assert f"/runs/{run.pk}/" in html


def test_a_hostile_name_stays_text(person: Client) -> None:
    facts = farm.Facts("evil", "<img src=x onerror=alert(1)>", "phone", "x", 1.0)
    farm.device(facts, reason="</script><script>alert(1)</script>", state="cooling")
    html = person.get("/").content.decode()
    assert "<img src=x" not in html
    assert "<script>alert" not in html


def test_a_finished_run_shows_verdict_reasons_metrics_and_what_stands_behind(
    person: Client, finished: Run
) -> None:
    html = person.get(f"/runs/{finished.pk}/").content.decode()
    assert finished.verdict in html
    for reason in finished.reasons:
        assert reason["sentence"] in html
    for text in ("It throttled after 9.0 min", "First throttle", "Slow-down k", "virtual", "20×"):
        assert text in html, text
    for text in ("6f6f6f6f6f6f", "Seed", "Fingerprint", "format=csv", "Authorization: Bearer"):
        assert text in html, text


def polled_address(person: Client, run: Run) -> str:
    """Return where the page of a run asks how far it is."""
    page = person.get(f"/runs/{run.pk}/").content.decode()
    found = re.search(r'hx-get="(/runs/\d+/status[^"]*)"', page)
    assert found
    return found[1]


@pytest.mark.parametrize(
    "change", [{"state": "completed", "fence": None}, {"state": "preparing", "attempt": 2}]
)
def test_a_watched_page_is_loaded_anew_when_its_run_ends_or_starts_again(
    person: Client, honor: Device, change: dict[str, object]
) -> None:
    run = farm.run_on(honor, 1800)
    path = polled_address(person, run)
    assert "HX-Refresh" not in person.get(path).headers
    Run.objects.filter(pk=run.pk).update(**change)
    assert person.get(path).headers["HX-Refresh"] == "true"


def test_a_page_that_was_opened_too_early_is_loaded_anew_once_the_plot_can_begin(
    person: Client, honor: Device
) -> None:
    run = farm.run_on(honor, 1800, state="queued", fence=None, device=None, wanted=honor, attempt=0)
    path = polled_address(person, run)
    assert "HX-Refresh" not in person.get(path).headers
    Run.objects.filter(pk=run.pk).update(state="leased", device=honor, fence=9, attempt=1)
    assert person.get(path).headers["HX-Refresh"] == "true"


def test_the_tab_of_a_live_run_says_phase_and_progress(person: Client, honor: Device) -> None:
    run = farm.run_on(honor, 1800, progress={"phase": "soak", "t_s": 450, "planned_s": 1800})
    answer = person.get(polled_address(person, run))
    assert f"<title>measuring 25 % · run {run.pk} · Simmer</title>" in answer.content.decode()
    assert "HX-Refresh" not in answer.headers


def test_a_run_for_a_phone_that_this_farm_lacks_says_whom_it_waits_for(
    person: Client, honor: Device
) -> None:
    model = (honor.profile_json or {})["model"]
    for wish, is_hopeless in (("Pixel 99", True), (model, False)):
        run = farm.run_on(
            honor, 60, state="queued", fence=None, device=None, selector={"model": wish}
        )
        page = person.get(f"/runs/{run.pk}/").content.decode()
        assert f"Waiting for any free device with model {wish}." in page
        assert ("No device of this farm is like that" in page) == is_hopeless


@pytest.mark.parametrize(("count", "folded"), [(2, False), (36, True)])
def test_the_digests_of_many_workloads_are_folded_away(
    person: Client, honor: Device, count: int, folded: bool
) -> None:
    digests = {f"net-{number}": f"{number:064x}" for number in range(count)}
    run = farm.run_on(honor, 600, provenance={"workload": digests})
    html = person.get(f"/runs/{run.pk}/").content.decode()
    assert all(digest in html for digest in digests.values())
    assert ("36, by their digests</summary>" in html) is folded
    assert ("Workload net-0" in html) is not folded


def test_stopping_a_queued_run_ends_it_and_says_so(person: Client, honor: Device) -> None:
    run = farm.run_on(honor, 1800, state="queued", fence=None, device=None, wanted=honor)
    answer = person.post(f"/runs/{run.pk}/cancellation", follow=True)
    run.refresh_from_db()
    assert run.state == "cancelled"
    assert "cancelled" in answer.content.decode()


def test_stopping_a_finished_run_is_refused_in_words(person: Client, finished: Run) -> None:
    answer = person.post(f"/runs/{finished.pk}/cancellation", follow=True)
    assert "too late to cancel it" in answer.content.decode()


def test_a_failed_run_says_why_and_where_it_stopped(person: Client, honor: Device) -> None:
    run = farm.run_on(
        honor,
        1800,
        state="failed",
        fence=None,
        failure="infrastructure: the phone went away",
        finished_at=timezone.now(),
    )
    html = person.get(f"/runs/{run.pk}/").content.decode()
    assert "the phone went away" in html
    assert "stepper__step--ended-badly" in html


def test_the_list_filters_by_state_and_says_what_excluded_everything(
    person: Client, finished: Run
) -> None:
    assert f"#{finished.pk}" in person.get("/runs/?state=completed").content.decode()
    html = person.get("/runs/?state=failed").content.decode()
    assert "No run matches" in html
    assert "Take it away" in html
