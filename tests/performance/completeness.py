"""Twenty phones at 20× for five minutes: every row that the phones logged must be stored."""

import json
import os

import psutil

from tests.parts.farm import RunningFarm, running_farm
from tests.performance.figures import Figure

PHONES = 20
SPEED = 20
HOST_S = float(os.environ.get("SIMMER_BENCH_MINUTES", "5")) * 60
INFERENCE_PERIOD_MS = 100


def measure() -> list[Figure]:
    """Return how many of the logged rows are missing, and what the machine had to do."""
    with running_farm("--phones", str(PHONES), "--speed", str(SPEED), "--no-demo") as farm:
        devices = farm.wait_for_phones(PHONES)
        runs = {submit(farm, str(d["serial"])): str(d["serial"]) for d in devices}
        psutil.cpu_percent()
        for run in runs:
            done = farm.wait_for_run(run, "completed", "failed", limit_s=HOST_S * 2 + 120)
            assert done["state"] == "completed", f"run {run}: {done['failure']}"
        busy = psutil.cpu_percent()
        logged = sum(rows_logged(farm, serial) for serial in runs.values())
        stored, samples = map(sum, zip(*(rows_stored(farm, run) for run in runs), strict=True))
    shown = f"{stored} rows, {samples} samples stored; machine {busy:.0f} % busy"
    name = f"{PHONES} phones at {SPEED}×, {HOST_S / 60:g} min: rows logged but not stored"
    return [Figure(name, shown, f"{logged} rows logged", logged - stored, "rows", 0)]


def submit(farm: RunningFarm, serial: str) -> int:
    """Queue ten inferences and ten samples per second of device time."""
    return farm.submit(
        serial,
        workload="mobilenet_v2",
        duration_s=min(7200.0, HOST_S * SPEED),
        period_ms=INFERENCE_PERIOD_MS,
        threads=1,
    )


def rows_logged(farm: RunningFarm, serial: str) -> int:
    """Return how many rows the phone itself has recorded."""
    trials = json.loads(farm.ctl(serial, "log"))
    return sum(group["rows"] for trial in trials for group in trial["groups"].values())


def rows_stored(farm: RunningFarm, run: int) -> tuple[int, int]:
    """Return the rows of all groups in the store, and the samples in them."""
    rows: dict[tuple[int, int], int] = {}
    samples = 0
    for series in farm.get(f"/runs/{run}/trace")["channels"]:
        rows[series["trial"], series["group"]] = len(series["t_s"])
        samples += len(series["t_s"])
    return sum(rows.values()), samples
