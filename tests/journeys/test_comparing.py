"""Somebody asks whether B is better than A, and takes the answer along as a file."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.test_watching import page  # noqa: F401  (a fixture)
from tests.parts.farm import RunningFarm

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

AGENDA = """\
experiment: two or four threads
config:
  repeats: 1
  preconditions:
    start_gate: {hold_s: 5, timeout_s: 60, relative_c: 30, slope_c_per_min: 60}
sections:
  - {id: two, params: {threads: 2}}
  - {id: four, params: {threads: 4}}
workloads:
  - {id: rn50, benchmark: thermal_soak, workload: resnet50, params: {duration_s: 60}}
devices:
  select: {model: HONOR V30 PRO}
"""


def test_a_person_asks_for_pairs_compares_them_and_takes_the_page_along(
    farm: RunningFarm,
    page: Page,  # noqa: F811
    tmp_path: Path,
) -> None:
    farm.wait_for_phones(1)
    page.get_by_role("link", name="Experiments").click()
    page.get_by_role("link", name="New experiment").click()
    page.get_by_role("textbox", name="Agenda").fill(AGENDA)
    expect(page.locator("#agenda-forecast")).to_contain_text("2 runs")
    page.get_by_role("button", name="Queue this experiment").click()
    page.wait_for_url("**/experiments/*/")
    number = int(page.url.rstrip("/").rsplit("/", 1)[1])

    def ended() -> bool:
        return bool(farm.get(f"/experiments/{number}")["state"] == "completed")

    farm.wait(ended, "both runs are completed", 120)
    page.get_by_role("link", name="Compare").click()  # the page has noticed by itself
    expect(page.get_by_role("heading", level=1)).to_have_text("four against two")
    main = page.locator("main")
    for text in ("virtual · 20×", "6 are the fewest that can tell", "Traces", "two", "four"):
        expect(main).to_contain_text(text)
    assert page.locator(".chart__plot path.chart__line").count() >= 8  # two sides, four panels

    with page.expect_download() as download:
        page.get_by_role("link", name="HTML file").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert "virtual" in file.name
    _opens_alone(page, file)


def _opens_alone(page: Page, file: Path) -> None:  # noqa: F811
    """Open a file from disk; it must look like the page and ask nobody for anything."""
    assert page.context.browser is not None
    alone = page.context.browser.new_context(offline=True).new_page()
    asked: list[str] = []
    alone.on("request", lambda request: asked.append(request.url))
    alone.goto(file.as_uri())
    expect(alone.get_by_role("heading", level=1)).to_have_text("four against two")
    assert asked == [file.as_uri()]
    assert alone.locator(".panel").first.evaluate("e => getComputedStyle(e).borderRadius") != "0px"
    alone.close()
