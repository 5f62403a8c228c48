"""The pages in a real browser: clean, reachable by everybody, and true to the store."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest
from django.conf import settings as django_settings
from playwright.sync_api import expect

from fleet.live.publisher import Publisher
from fleet.models import Device, Run
from frontend.content_policy import HEADER, POLICY, header_value
from tests.frontend import farm
from tests.parts.browser import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Open = Callable[..., Visit]
#: How many of a channel's units one shown unit is.
SHOWN = {"°C": 1.0, "Hz": 1e9, "s": 1e-3, "W": 1.0}

DRAWN_UP_TO = "seq => Number(document.querySelector('live-trace').dataset.seq) >= seq"
IN_WORDS = re.compile(r"Temperature in °C: .*lowest .*highest .*last .*Power in W")


@pytest.fixture
def live(visit: Open, honor: Device) -> farm.SoakWriter:
    """A run in its first minute of soak, being written."""
    Device.objects.filter(pk=honor.pk).update(state="running")
    noted = {"phase": "soak", "t_s": 60, "planned_s": 1800}
    writer = farm.SoakWriter(farm.run_on(honor, 1800, progress=noted))
    writer.settle()
    writer.start()
    writer.soak(0.0, 60.0)
    return writer


def trace_of(tab: Visit, run: Run, **question: Any) -> Any:
    """Return what REST says about the trace, asked with the browser's own login."""
    name = django_settings.SESSION_COOKIE_NAME
    jar = {one["name"]: one["value"] for one in tab.page.context.cookies()}
    path = f"{tab.origin}/api/v1/runs/{run.pk}/trace"
    answer = httpx.get(path, params=question, cookies={name: jar[name]})
    assert answer.status_code == 200
    return answer.json()


def points_of(trace: Any) -> Mapping[str, list[tuple[float, float | None]]]:
    """Return each channel's points in the unit that the page shows, over all trials."""
    points: dict[str, list[tuple[float, float | None]]] = {}
    for channel in trace["channels"]:
        per = SHOWN.get(channel["unit"], 1.0)
        columns = [channel[name] for name in ("value", "low", "high") if name in channel]
        for t_s, *values in zip(channel["t_s"], *columns, strict=True):
            shown = [None if value is None else value / per for value in values]
            points.setdefault(channel["name"], []).extend((t_s, value) for value in shown)
    return points


def paths(run: Run) -> tuple[str, ...]:
    catalogs = ("/phones/", "/phones/pixel-4/", "/workloads/", "/workloads/vit_tiny/")
    return (
        *catalogs,
        "/workloads/upload",
        "/",
        "/runs/",
        "/runs/new",
        f"/runs/{run.pk}/",
        "/runs/999999/",
    )


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1600, "dark")])
def test_no_page_complains_or_overhangs_or_shuts_anybody_out(
    visit: Open, finished: Run, width: int, scheme: str
) -> None:
    farm.device(farm.MACHINE)
    farm.device(farm.REAL, state="offline", reason="it is not connected")
    for path in paths(finished):
        tab = visit(path, width=width, color_scheme=scheme)
        if path == f"/runs/{finished.pk}/":
            tab.wait_for_plot()
        missing = [c for c in tab.complaints if "404" in c]
        assert len(missing) == (path == "/runs/999999/"), path
        assert [c for c in tab.complaints if c not in missing] == [], path
        assert tab.violations == [], path
        assert tab.overhang_px == 0, path
        assert tab.accessibility_faults() == [], path


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1600, "light")])
def test_the_live_page_is_clean_too(
    visit: Open, live: farm.SoakWriter, width: int, scheme: str
) -> None:
    tab = visit(f"/runs/{live.run.pk}/", width=width, color_scheme=scheme)
    tab.wait_for_plot()
    assert tab.complaints == []
    assert tab.violations == []
    assert tab.overhang_px == 0
    assert tab.accessibility_faults() == []


def test_the_login_page_is_clean_and_leads_to_the_fleet(visit: Open, web: str) -> None:
    tab = visit(width=390)
    tab.page.context.clear_cookies()
    tab.open("/runs/")
    assert tab.accessibility_faults() == []
    tab.page.get_by_label("User name").fill("grace")
    tab.page.get_by_label("Password").fill("wrong")
    tab.page.get_by_role("button", name="Log in").click()
    expect(tab.page.get_by_role("alert")).to_be_visible()
    tab.page.get_by_label("Password").fill("hopper-1906")
    tab.page.get_by_role("button", name="Log in").click()
    expect(tab.page).to_have_url(f"{web}/runs/")
    assert tab.complaints == []


def test_the_listener_would_notice_an_inline_script(visit: Open, web: str) -> None:
    tab = visit()
    headers = {HEADER: header_value(POLICY), "Content-Type": "text/html"}
    body = "<title>canary</title><script>window.ran = true</script>"
    tab.page.route("**/canary", lambda route: route.fulfill(body=body, headers=headers))
    tab.open("/canary")
    assert len(tab.violations) == 1
    assert tab.page.evaluate("window.ran") is None


def test_every_plotted_point_is_what_the_api_says(visit: Open, finished: Run) -> None:
    tab = visit(f"/runs/{finished.pk}/")
    tab.wait_for_plot()
    expected = points_of(trace_of(tab, finished, points=2000))
    plotted = tab.plotted()
    assert len(plotted) == 8  # three temperatures, three frequencies, latency, power
    for name, line in plotted.items():
        points = list(zip(line["x"], line["y"], strict=True))
        assert points, name
        assert set(points) <= set(expected[name]), name
        assert len(points) <= 2000, name
        # Thinning keeps both ends of the trace and both ends of its values.
        told = [value for _, value in expected[name] if value is not None]
        seen = [value for _, value in points if value is not None]
        assert (min(seen), max(seen)) == (min(told), max(told)), name
        assert points[-1][0] == expected[name][-1][0], name


def test_a_frame_is_drawn_with_the_values_of_the_store(visit: Open, live: farm.SoakWriter) -> None:
    publisher = Publisher(live.run.pk)
    tab = visit(f"/runs/{live.run.pk}/")
    tab.wait_for_plot()
    expect(tab.page.locator(".link-state")).to_have_attribute("data-state", "live")
    for block in live.blocks(60.0, 64.0):
        publisher.publish_block(block)
    tab.page.wait_for_function(DRAWN_UP_TO, arg=live.last_seq)
    told = points_of(trace_of(tab, live.run))
    for name, line in tab.plotted().items():
        assert max(line["x"]) > 123.5, name  # 60 s of settling, 64 s of soak
        assert set(zip(line["x"], line["y"], strict=True)) <= set(told[name]), name
    publisher.close()


def test_a_page_that_lost_a_frame_fills_the_hole_by_itself(
    visit: Open, live: farm.SoakWriter
) -> None:
    publisher = Publisher(live.run.pk)
    tab = visit(f"/runs/{live.run.pk}/")
    tab.wait_for_plot()
    expect(tab.page.locator(".link-state")).to_have_attribute("data-state", "live")
    live.blocks(60.0, 64.0)  # stored, and never published
    for block in live.blocks(64.0, 68.0):
        publisher.publish_block(block)
    tab.page.wait_for_function(DRAWN_UP_TO, arg=live.last_seq)
    told = {t for t, _ in points_of(trace_of(tab, live.run))["zone.skin.temperature"]}
    assert set(tab.plotted()["zone.skin.temperature"]["x"]) == told
    publisher.close()


def test_stopping_asks_first_and_then_stops(visit: Open, live: farm.SoakWriter) -> None:
    tab = visit(f"/runs/{live.run.pk}/")
    tab.page.get_by_role("button", name="Stop this run").click()
    expect(tab.page.get_by_role("alertdialog")).to_be_visible()
    tab.page.get_by_role("button", name="Let it run").click()
    expect(tab.page.get_by_role("alertdialog")).to_be_hidden()
    tab.page.get_by_role("button", name="Stop this run").click()
    tab.page.get_by_role("button", name="Stop it").click()
    expect(tab.page.get_by_text("cancelling", exact=True)).to_be_visible()
    live.run.refresh_from_db()
    assert live.run.cancel_requested_at is not None


def test_the_plot_can_be_read_without_a_mouse_and_without_eyes(visit: Open, finished: Run) -> None:
    tab = visit(f"/runs/{finished.pk}/")
    tab.wait_for_plot()
    plot = tab.page.locator(".trace__plot")
    expect(plot).to_have_attribute("aria-label", IN_WORDS)
    plot.focus()
    tab.page.keyboard.press("ArrowLeft")
    expect(tab.page.locator("[data-cursor]")).to_contain_text("at ")
    before = tab.page.locator(".trace__plot").evaluate("p => p.layout.xaxis.range")
    tab.page.keyboard.press("w")
    tab.page.wait_for_function(
        "old => document.querySelector('.trace__plot').layout.xaxis.range[0] > old", arg=before[0]
    )
    tab.page.keyboard.press("f")
    tab.page.wait_for_function(
        "old => document.querySelector('.trace__plot').layout.xaxis.range[0] === old",
        arg=before[0],
    )


def test_plots_follow_the_theme_and_the_choice_is_kept(visit: Open, finished: Run) -> None:
    tab = visit(f"/runs/{finished.pk}/", color_scheme="light")
    tab.wait_for_plot()
    color = "document.querySelector('.trace__plot').data[0].line.color"
    light = tab.page.evaluate(color)
    switch = tab.page.get_by_role("button", name="Color theme")
    switch.click()
    switch.click()
    tab.page.wait_for_function(f"light => {color} !== light", arg=light)
    tab.open("/")
    assert tab.page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_the_form_shows_the_same_run_as_curl_while_it_is_typed(visit: Open, honor: Device) -> None:
    tab = visit("/runs/new")
    tab.page.get_by_label("Duration").fill("90")
    expect(tab.page.locator("#curl")).to_contain_text('"duration_s": 90')
    tab.page.get_by_text(honor.name).click()
    expect(tab.page.locator("#curl")).to_contain_text(honor.serial)
    tab.page.get_by_label("Duration").fill("0.5")
    tab.page.get_by_role("button", name="Queue this run").click()
    error = tab.page.locator("#id_params_duration_s_error")
    expect(error).to_contain_text("greater than or equal to 1")
    assert not Run.objects.exists()


def test_a_card_shows_a_new_reading_at_once(visit: Open, live: farm.SoakWriter) -> None:
    publisher = Publisher(live.run.pk)
    device = live.run.device
    assert device is not None
    tab = visit("/")
    card = tab.page.locator(f"#device-{device.pk}")
    with tab.page.expect_event("websocket"):
        tab.page.reload()
    line = card.locator("spark-line")
    expect(line).to_have_attribute("aria-label", re.compile("highest"))
    publisher.publish_device(device.pk, {"hottest_c": 71.5, "t_s": 900, "planned_s": 1800})
    expect(card.locator("[data-hottest]")).to_contain_text("71.5")
    expect(card.get_by_role("progressbar")).to_have_attribute("value", "0.5")
    assert tab.complaints == []
    publisher.close()


def test_pages_without_a_plot_are_light(visit: Open, honor: Device) -> None:
    tab = visit()
    sizes: list[int] = []
    tab.page.on("response", lambda answer: sizes.append(answer.request.sizes()["responseBodySize"]))
    tab.open("/")
    tab.page.wait_for_load_state("networkidle")
    assert 0 < sum(sizes) < 150_000


def test_a_person_chooses_the_temperatures_in_the_plot(visit: Open, finished: Run) -> None:
    tab = visit(f"/runs/{finished.pk}/")
    tab.wait_for_plot()
    tab.page.get_by_role("button", name="Zones").click()
    tab.page.get_by_role("checkbox", name="battery").uncheck()
    tab.page.wait_for_function(
        "() => !document.querySelector('.trace__plot').data.some(t => t.name.includes('battery'))"
    )
    assert "zone.skin.temperature" in tab.plotted()


def test_a_phone_that_was_just_plugged_in_shows_up_without_a_reload(visit: Open) -> None:
    publisher = Publisher()
    tab = visit()
    with tab.page.expect_event("websocket"):
        tab.open("/")
    expect(tab.page.get_by_text("No phones yet")).to_be_visible()
    phone = farm.device(farm.REAL)
    # Until the socket is joined a message may pass by, as on a real farm; the next one does not.
    for _ in range(20):
        publisher.publish_device(phone.pk, {"state": "idle"})
        if tab.page.get_by_role("heading", name=phone.name).is_visible():
            break
        tab.page.wait_for_timeout(100)
    expect(tab.page.get_by_role("heading", name=phone.name)).to_be_visible()
    publisher.close()
