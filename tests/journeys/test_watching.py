"""Somebody watches a soak in a browser, also across the death of the web server."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.test_soak_over_rest import phone_named
from tests.parts.browser import running_browser
from tests.parts.farm import RunningFarm

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

POINTS = """
() => Object.fromEntries(document.querySelector('.trace__plot').data.map(
    ({name, x, y}) => [name, x.map((at, k) => [at, y[k]])]))
"""
NEWEST_POINT_S = """
() => Math.max(...document.querySelector('.trace__plot').data.map(({x}) => x.at(-1) ?? 0))
"""


@pytest.fixture
def page(farm: RunningFarm) -> Iterator[Page]:
    """A browser in which an operator is logged in."""
    with running_browser() as browser:
        yield logged_in(browser, farm)


def logged_in(browser: Browser, farm: RunningFarm) -> Page:
    """Return a tab behind the login page."""
    page = browser.new_page(viewport={"width": 1400, "height": 1600})
    page.goto(f"{farm.url}/")
    page.get_by_label("User name").fill(farm.login)
    page.get_by_label("Password").fill(farm.password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Fleet")).to_be_visible()
    return page


def newest_s(page: Page) -> float:
    """Return the newest point in the plot [s of trace time]."""
    return float(page.evaluate(NEWEST_POINT_S))


def wait_for_points(page: Page, after_s: float) -> None:
    """Return once the plot reaches beyond `after_s` of trace time."""
    page.wait_for_function(f"() => ({NEWEST_POINT_S})() > {after_s}", timeout=60_000)


def test_a_person_starts_a_soak_watches_it_and_stops_it(farm: RunningFarm, page: Page) -> None:
    farm.wait_for_phones(2)
    page.get_by_role("link", name="New run").first.click()
    page.get_by_text("HONOR V30 PRO").click()
    page.get_by_label("Duration").fill("3000")
    page.get_by_role("button", name="Queue this run").click()
    page.wait_for_url("**/runs/*/")
    run = int(page.url.rstrip("/").rsplit("/", 1)[1])
    farm.wait_for_run(run, "measuring")
    wait_for_points(page, newest_or_zero(page) + 20)
    page.get_by_role("button", name="Stop this run").first.click()
    page.get_by_role("button", name="Stop it").click()
    farm.wait_for_run(run, "cancelled", limit_s=15)
    expect(page.locator("main")).to_contain_text("cancelled")


def newest_or_zero(page: Page) -> float:
    """Return the newest point, 0 before the first draw."""
    page.wait_for_function("() => document.querySelector('.trace__plot')?.data", timeout=60_000)
    return newest_s(page)


def test_a_page_outlives_its_web_server_and_misses_nothing(farm: RunningFarm, page: Page) -> None:
    run = farm.submit(phone_named(farm, "pixel 6"), workload="mobilenet_v2", duration_s=600)
    farm.wait_for_run(run, "measuring")
    page.goto(f"{farm.url}/runs/{run}/")
    wait_for_points(page, newest_or_zero(page) + 20)
    before_s = newest_s(page)
    farm.kill("web")
    wait_for_points(page, before_s + 100)
    drawn = [point for points in page.evaluate(POINTS).values() for point in points]
    assert drawn
    events = farm.get(f"/runs/{run}/trace?points=2")["events"]
    started_s = next(event["t_s"] for event in events if event["kind"] == "started")
    assert longest_gap_s(page.evaluate(POINTS), started_s) < 5.0
    farm.post(f"/runs/{run}/cancellation")
    farm.wait_for_run(run, "cancelled")


def longest_gap_s(lines: Any, started_s: float) -> float:
    """Return the longest time without a point in the densest line, once the load runs.

    Between the settling and the load nobody reads: that lasts as long as the host takes.
    """
    times = [float(at) for at, _ in max(lines.values(), key=len) if at >= started_s]
    return max(later - earlier for earlier, later in pairwise(times))
