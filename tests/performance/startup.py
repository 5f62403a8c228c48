"""How long people wait: from `up` to a plot that moves, and from Ctrl-C to a silent machine."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser

from devices.clock import HOST, NS_PER_S
from tests.parts.browser import running_browser
from tests.parts.farm import RunningFarm, start_farm, wait_until_up
from tests.performance.figures import Figure, median

ROUNDS = 3
SOAKS = 4
DRAWN_LIMIT_MS = 60_000


def measure() -> list[Figure]:
    """Return the three waits; the browser is running before the farm is started."""
    cold, warm, stops = [], [], []
    with running_browser() as browser:
        for _ in range(ROUNDS):
            with tempfile.TemporaryDirectory(prefix="simmer-bench-") as directory:
                data = Path(directory) / "data"
                with started(data) as (farm, began_ns):
                    cold.append(until_second_point(browser, farm, began_ns))
                    stops.append(until_silent(farm))
                with started(data) as (farm, began_ns):
                    warm.append(until_second_point(browser, farm, began_ns))
                    stops.append(until_silent(farm))
    return [
        wait("`up` on an empty directory → second drawn point", cold, 15),
        wait("`up` with its data → second drawn point", warm, 8),
        wait(f"Ctrl-C with {SOAKS} soaks measuring → nothing left", stops, 4),
    ]


def wait(name: str, seconds: list[float], target: float) -> Figure:
    """Return one wait as a line of the report."""
    value = median(seconds)
    return Figure(name, f"{value:.2f} s", "–", value, "s", target, rounds=tuple(seconds))


@contextmanager
def started(data: Path) -> Iterator[tuple[RunningFarm, int]]:
    """Start a farm with its demo; yield it and when it was started [ns]."""
    began_ns = HOST.now_ns()
    farm = start_farm(data, "--phones", str(SOAKS))
    try:
        yield farm, began_ns
    finally:
        if farm.process.poll() is None:
            farm.stop()


def until_second_point(browser: Browser, farm: RunningFarm, began_ns: int) -> float:
    """Return the seconds from the start until a page has drawn a run twice."""
    wait_until_up(farm)
    run = farm.wait(lambda: newest_run(farm), "a run is queued", 30.0)
    page = browser.new_page()
    try:
        page.goto(f"{farm.url}/login?next=/runs/{run}/")
        page.fill("input[name=username]", farm.login)
        page.fill("input[name=password]", farm.password)
        page.press("input[name=password]", "Enter")
        page.wait_for_function(
            "() => document.querySelector('.trace__plot')?.data?.some(({ x }) => x.length >= 2)",
            timeout=DRAWN_LIMIT_MS,
        )
        return (HOST.now_ns() - began_ns) / NS_PER_S
    finally:
        page.close()


def newest_run(farm: RunningFarm) -> int | None:
    """Return the first run of this start that is not over."""
    runs = farm.get("/runs?state=queued,leased,preparing,measuring")["items"]
    return int(runs[-1]["id"]) if runs else None


def until_silent(farm: RunningFarm) -> float:
    """Wait until all soaks measure, press Ctrl-C, and return the seconds until nothing is left."""
    measuring = "/runs?state=measuring"
    farm.wait(lambda: len(farm.get(measuring)["items"]) >= SOAKS, "all soaks measure", 90.0)
    return farm.stop()
