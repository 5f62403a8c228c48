"""A Chromium from the system, and what it complained about on a page."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
SERIOUS = ("serious", "critical")
#: Runs before any script of the page, and only listens.
LISTENER = """
window.__violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.__violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
"""


def chromium() -> str | None:
    """Return the path of a Chromium, or None."""
    named = os.environ.get("SIMMER_CHROMIUM")
    found = named or next((path for name in NAMES if (path := shutil.which(name))), None)
    return found or (str(MAC) if MAC.exists() else None)


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Yield a headless browser; without one, skip loudly or fail where it is required."""
    path = chromium()
    if path is None:
        reason = "NO CHROMIUM: the pages are NOT tested in a browser; set SIMMER_CHROMIUM"
        if os.environ.get("SIMMER_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        # Chromium refuses to run its sandbox as root.
        browser = playwright.chromium.launch(
            executable_path=path, chromium_sandbox=os.geteuid() != 0
        )
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Visit:
    """One tab, with everything that went wrong in it."""

    page: Page
    origin: str
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Go to a page of the farm."""
        self.page.goto(self.origin + path)

    @property
    def violations(self) -> list[str]:
        """What the content policy blocked."""
        return list(self.page.evaluate("window.__violations"))

    @property
    def overhang_px(self) -> int:
        """How far the page reaches out of its window sideways."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - innerWidth"))

    def accessibility_faults(self) -> list[str]:
        """What axe finds serious."""
        # Preloading would fetch our style sheets' imports again, from the wrong address.
        options = {"resultTypes": ["violations"], "preload": False}
        found = Axe().run(self.page, options=options).response["violations"]
        return [
            f"{fault['id']}: {node['target']} {node.get('failureSummary', '')}"
            for fault in found
            if fault["impact"] in SERIOUS
            for node in fault["nodes"]
        ]

    def wait_for_plot(self, *, after_draws: int = 0) -> None:
        """Return when the plot has been drawn more than so many times."""
        self.page.locator("live-trace").scroll_into_view_if_needed()
        script = "n => Number(document.querySelector('live-trace').dataset.drawn ?? 0) > n"
        self.page.wait_for_function(script, arg=after_draws)

    def plotted(self) -> dict[str, Any]:
        """Return what stands in the plot: name -> x [s], y in the panel's unit."""
        script = """Object.fromEntries(document.querySelector('.trace__plot').data.map(
            ({name, x, y}) => [name, {x: [...x], y: [...y]}]))"""
        return dict(self.page.evaluate(script))


def visiting(context: BrowserContext, origin: str) -> Visit:
    """Open a tab that notes console errors, failed and foreign requests."""
    context.add_init_script(LISTENER)
    page = context.new_page()
    visit = Visit(page, origin)

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            where = message.location["url"]
            visit.complaints.append(f"{message.type}: {message.text} ({where})")

    page.on("console", note)
    page.on("pageerror", lambda error: visit.complaints.append(f"exception: {error}"))
    page.on("request", lambda request: _note_foreign(visit, request.url))
    return visit


def _note_foreign(visit: Visit, url: str) -> None:
    if not url.startswith((visit.origin, "data:", "blob:")):
        visit.complaints.append(f"foreign request: {url}")
