"""An agenda from the command line: pairs on a phone behind a real adb server, then compared."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from tests.parts.adb import ROOT, VirtualPhones, virtual_phones

AGENDA = """\
experiment: threads
config:
  repeats: 2
  preconditions: {start_gate: {timeout_s: 0}}
sections:
  - {id: two, params: {threads: 2}}
  - {id: four, params: {threads: 4}}
workloads:
  - {id: mnv2, benchmark: thermal_soak, workload: mobilenet_v2, params: {duration_s: 20}}
"""


@pytest.fixture(scope="module")
def farm() -> Iterator[VirtualPhones]:
    with virtual_phones("honor-v30-pro", speed=50) as phones:
        yield phones


def run(farm: VirtualPhones, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", "run", *words],
        cwd=ROOT,
        env={**os.environ, "ANDROID_ADB_SERVER_PORT": str(farm.server.port)},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_pairs_are_measured_in_turned_order_and_compared(
    farm: VirtualPhones, tmp_path: Path
) -> None:
    file, out = tmp_path / "agenda.yaml", tmp_path / "out.json"
    file.write_text(AGENDA)
    done = run(farm, str(file), "--serial", farm.serials[0], "--json", str(out))
    assert done.returncode == 0, done.stderr
    document = json.loads(out.read_text())
    seats = [(one["section"], one["repeat"]) for one in document["runs"]]
    assert seats == [("two", 0), ("four", 0), ("four", 1), ("two", 1)]
    [row] = [row for row in document["comparison"]["rows"] if row["metric"] == "p50_ms"]
    assert (row["verdict"], row["count"]) == ("inconclusive", 2)
    assert row["change"]["estimate"] < -0.1  # four threads are faster
    assert "6 are the fewest that can tell" in done.stdout
    assert "virtual" in done.stdout
    assert "4 of 4: two, repeat 2" in done.stderr


def test_a_phone_that_is_not_there_ends_in_infrastructure(
    farm: VirtualPhones, tmp_path: Path
) -> None:
    file = tmp_path / "agenda.yaml"
    file.write_text(AGENDA.replace("repeats: 2", "repeats: 1"))
    done = run(farm, str(file), "--serial", "nobody")
    assert done.returncode == 3
    assert "nobody" in done.stderr


def test_a_wrong_agenda_is_told_before_a_phone_is_touched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "agenda.yaml"
    file.write_text(AGENDA.replace("mobilenet_v2", "bert"))
    assert main(["run", str(file), "--serial", "x"]) == 2
    assert "line 9, workloads.0.workload: There is no workload 'bert'" in capsys.readouterr().err
    assert main(["run", str(file), "--serial", "x", "--param", "a=1"]) == 2
    assert main(["run", str(tmp_path / "no.yaml"), "--serial", "x"]) == 2
    assert "cannot be read" in capsys.readouterr().err
