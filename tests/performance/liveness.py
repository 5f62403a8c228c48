"""How old a sample is when a page draws it: phones at speed 1, each watched on a page of its own.

A sample's time on the phone is mapped to this host's clock by the offset that the run measured;
the page is only read: it notes when it drew and how far its newest point was.
"""

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page

from devices.clock import HOST, NS_PER_S
from tests.parts.browser import running_browser
from tests.parts.farm import RunningFarm, running_farm
from tests.performance.figures import Figure

PHONES = 8
INFERENCE_PERIOD_MS = 1000 / 30
WATCHED_S = 30.0
SAMPLE_S = 0.1

#: Notes each draw as [time of day in ms, newest point in s of trace time].
WATCH_DRAWS = """
() => {
  const trace = document.querySelector("live-trace");
  window.__draws = [];
  new MutationObserver(() => {
    const lines = document.querySelector(".trace__plot").data;
    const newest = Math.max(...lines.map(({ x }) => x.at(-1) ?? -Infinity));
    window.__draws.push([performance.timeOrigin + performance.now(), newest]);
  }).observe(trace, { attributes: true, attributeFilter: ["data-drawn"] });
}
"""


@dataclass(frozen=True, slots=True)
class Watched:
    """One run and the page that shows it."""

    run: int
    page: Page


def measure() -> list[Figure]:
    """Return median and 95th percentile of the age of drawn samples [s]."""
    with (
        running_browser() as browser,
        running_farm("--phones", str(PHONES), "--speed", "1", "--no-demo") as farm,
    ):
        devices = farm.wait_for_phones(PHONES)
        runs = [submit(farm, str(device["serial"])) for device in devices]
        for run in runs:
            farm.wait_for_run(run, "measuring", limit_s=120.0)
        watched = [Watched(run, open_page(browser, farm, run)) for run in runs]
        for one in watched:
            one.page.evaluate(WATCH_DRAWS)
        HOST.wait(WATCHED_S)
        ages = np.concatenate([ages_of(farm, one) for one in watched])
    return [
        figure("sample on the phone → draw call, median", ages, 50, 0.7),
        figure("sample on the phone → draw call, 95th percentile", ages, 95, 1.0),
    ]


def figure(name: str, ages_s: NDArray[np.float64], percent: float, target: float) -> Figure:
    """Return one percentile as a line of the report."""
    value = float(np.percentile(ages_s, percent))
    shown = f"{value:.3f} s of {ages_s.size} samples"
    return Figure(f"{name}, {PHONES} phones and pages", shown, "–", value, "s", target)


def submit(farm: RunningFarm, serial: str) -> int:
    """Queue a paced load that outlives the measurement."""
    return farm.submit(
        serial, workload="mobilenet_v2", duration_s=600, period_ms=INFERENCE_PERIOD_MS, threads=1
    )


def open_page(browser: Browser, farm: RunningFarm, run: int) -> Page:
    """Open the run's page in a window of its own."""
    page = browser.new_context(viewport={"width": 1200, "height": 1400}).new_page()
    page.goto(f"{farm.url}/login?next=/runs/{run}/")
    page.fill("input[name=username]", farm.login)
    page.fill("input[name=password]", farm.password)
    page.press("input[name=password]", "Enter")
    page.wait_for_function("() => Number(document.querySelector('live-trace')?.dataset.drawn) > 2")
    return page


def ages_of(farm: RunningFarm, watched: Watched) -> NDArray[np.float64]:
    """Return the age of each sample when it was drawn first [s]."""
    draws = np.array(watched.page.evaluate("() => window.__draws"), dtype=np.float64)
    drawn_s = draws[:, 0] / 1e3 - wall_ahead_s()
    measured_s = on_host(farm, watched.run, draws[:, 1])
    ages = [
        drawn_s[at] - np.arange(measured_s[at], measured_s[at - 1], -SAMPLE_S)
        for at in range(1, len(drawn_s))
        if measured_s[at] > measured_s[at - 1]
    ]
    return np.concatenate(ages)


def on_host(farm: RunningFarm, run: int, trace_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the host's monotonic time of moments of trace time [s]."""
    clock = farm.get(f"/runs/{run}")["provenance"]["clock"]
    device_s = trace_s + (clock["origin_ns"] - clock["boot_offset_ns"]) / NS_PER_S
    since_sync_s = device_s - clock["device_ns"] / NS_PER_S
    moments: NDArray[np.float64] = clock["host_ns"] / NS_PER_S + since_sync_s / clock["rate"]
    return moments


def wall_ahead_s() -> float:
    """Return how far the time of day is ahead of the host's monotonic clock [s]."""
    return (time.time_ns() - HOST.now_ns()) / NS_PER_S
