"""`make screenshots`: photograph the pages of a real farm at 390 and 1600 px, dark and light."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.parts.browser import running_browser
from tests.parts.farm import RunningFarm, running_farm

PHONES = "honor-v30-pro,pixel-6,galaxy-s20-fe,redmi-note-9t"
SIZES = {390: 844, 1600: 1000}  # width -> height of the window [px]
SCHEMES = ("light", "dark")
SOAK_S = 900.0  # of device time: long enough to throttle
HOT_AFTER_S = 700.0


def main(arguments: list[str]) -> int:
    """Start a farm, let it get hot, photograph it."""
    parser = argparse.ArgumentParser(prog="make screenshots", description=__doc__)
    parser.add_argument("--to", type=Path, default=Path(".simmer/screenshots"))
    chosen = parser.parse_args(arguments)
    chosen.to.mkdir(parents=True, exist_ok=True)
    with running_farm("--phones", PHONES, "--speed", "20", "--no-demo") as farm:
        phones = [device["serial"] for device in farm.wait_for_phones(4)]
        finished = farm.submit(phones[3], duration_s=SOAK_S)
        live = [farm.submit(serial, duration_s=3600) for serial in phones[:2]]
        farm.wait_for_run(finished, "completed", limit_s=300)
        farm.wait(lambda: _is_hot(farm, live[0]), "the first phone is hot", 300)
        with running_browser() as browser:
            _photograph(browser, farm, _pages(live[0], finished), chosen.to)
    return 0


def _is_hot(farm: RunningFarm, run: int) -> bool:
    return bool(farm.get(f"/runs/{run}")["progress"].get("t_s", 0) > HOT_AFTER_S)


def _pages(live: int, finished: int) -> dict[str, str]:
    return {
        "fleet": "/",
        "new-run": "/runs/new",
        "runs": "/runs/",
        "new-experiment": "/experiments/new",
        "comparison": f"/reports/comparison?runs={finished}",
        "phones": "/phones/",
        "phone": "/phones/pixel-4/",
        "workloads": "/workloads/",
        "workload": "/workloads/mobilenet_v3_small/",
        "live-run": f"/runs/{live}/",
        "finished-run": f"/runs/{finished}/",
    }


def _photograph(browser: Browser, farm: RunningFarm, pages: dict[str, str], to: Path) -> None:
    for width in SIZES:
        for scheme in SCHEMES:
            with _person(browser, farm, width, scheme) as page:
                page.screenshot(path=to / f"login-{width}-{scheme}.png")
                page.get_by_label("User name").fill(farm.login)
                page.get_by_label("Password").fill(farm.password)
                page.get_by_role("button", name="Log in").click()
                page.wait_for_url(f"{farm.url}/")
                for name, path in pages.items():
                    _shoot(page, farm.url + path, to / f"{name}-{width}-{scheme}.png")


@contextmanager
def _person(browser: Browser, farm: RunningFarm, width: int, scheme: str) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": width, "height": SIZES[width]},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
        locale="en-US",
        timezone_id="UTC",
    )
    page = context.new_page()
    page.goto(f"{farm.url}/login")
    yield page
    context.close()


def _shoot(page: Page, url: str, file: Path) -> None:
    page.goto(url)
    plot = page.locator("live-trace")
    if plot.count():
        plot.scroll_into_view_if_needed()
        page.wait_for_function(
            "() => Number(document.querySelector('live-trace').dataset.drawn ?? 0) > 0"
        )
        page.evaluate("scrollTo(0, 0)")
    elif url.endswith("/"):
        lines = "[...document.querySelectorAll('spark-line')]"
        page.wait_for_function(f"() => {lines}.every(line => !line.dataset.run || !line.isEmpty)")
    page.screenshot(path=file, full_page=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
