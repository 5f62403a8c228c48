"""The same soak with the same seed gives the same numbers, with a farm and without one."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.parts.adb import virtual_phones
from tests.parts.farm import ROOT, running_farm

pytestmark = pytest.mark.timeout(180)

PHONE = "honor-v30-pro"
ASKED = {"workload": "mobilenet_v2", "duration_s": 300, "threads": 2}
SEED = 7
STORED_TO = 1e-6  # the store keeps times to a microsecond


def test_the_farm_and_the_command_line_agree(tmp_path: Path) -> None:
    ours, theirs = through_a_farm(), alone(tmp_path / "run.json")
    assert ours["verdict"] == theirs["verdict"]
    assert numbers_of(ours) == pytest.approx(numbers_of(theirs), rel=STORED_TO)
    assert ours["device_kind"] == theirs["device_kind"] == "virtual"


def test_another_seed_gives_other_numbers(tmp_path: Path) -> None:
    one = alone(tmp_path / "one.json", seed=SEED)
    other = alone(tmp_path / "other.json", seed=SEED + 1)
    assert numbers_of(one)["p99_ms"] != numbers_of(other)["p99_ms"]


def through_a_farm() -> Any:
    """Return the run's document after a soak on a phone that was just started."""
    with running_farm("--phones", PHONE, "--speed", "20", "--no-demo") as farm:
        (phone,) = farm.wait_for_phones(1)
        body = {"benchmark": "thermal_soak", "params": ASKED, "seed": SEED}
        run = farm.post("/runs", body | {"device": phone["serial"]})["id"]
        return farm.wait_for_run(run, "completed", "failed", limit_s=90)


def alone(result: Path, seed: int = SEED) -> Any:
    """Return the document that the command line writes."""
    with virtual_phones(PHONE, speed=20) as phones:
        parameters = [f"--param={name}={value}" for name, value in ASKED.items()]
        subprocess.run(
            [
                *(sys.executable, "-m", "benchmarks", "run", "thermal_soak", *parameters),
                *("--serial", phones.serials[0], "--seed", str(seed)),
                *("--json", str(result), "--data", str(result.parent / "data")),
            ],
            cwd=ROOT,
            env={**os.environ, "ANDROID_ADB_SERVER_PORT": str(phones.server.port)},
            check=True,
            capture_output=True,
            timeout=120,
        )
    return json.loads(result.read_text())


def numbers_of(document: Any) -> dict[str, float]:
    """Return the metrics that have a value."""
    return {m["name"]: m["value"] for m in document["metrics"] if m["value"] is not None}
