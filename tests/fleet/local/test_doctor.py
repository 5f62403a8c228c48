"""`manage.py doctor`: one line each, what is wrong, what to do; exit 0 or 3."""

import importlib.util
import json
import os
import socket
from pathlib import Path

import pytest

from fleet.local.datadir import open_datadir
from fleet.local.doctor import line, main
from fleet.local.findings import Finding
from fleet.local.ports import any_free


def lines(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """Return the report as subject -> its whole line."""
    printed = capsys.readouterr().out.splitlines()
    return {text[6:20].strip(): text for text in printed[:-1]} | {"last": printed[-1]}


def test_a_machine_that_can_run_a_farm_is_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(tmp_path), "--port", str(any_free())]) == 0
    said = lines(capsys)
    assert said["last"] == "all is well"
    assert "PostgreSQL) 18." in said["postgres"]
    assert said["adb"].startswith("ok")


def test_a_taken_port_is_wrong_and_has_a_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert main(["--data", str(tmp_path), "--port", port]) == 3
    said = lines(capsys)
    assert said["farm"] == f"wrong farm          port {port} is taken: start with another --port"
    assert said["last"].startswith("1 of ")


def test_a_running_farm_is_named_with_its_doors(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = open_datadir(tmp_path)
    facts = {"url": "http://127.0.0.1:1/", "adb_port": 15037, "pids": {"up": os.getpid()}}
    data.state.write_text(json.dumps(facts))
    assert main(["--data", str(tmp_path)]) == 0
    assert "runs at http://127.0.0.1:1/, adb server on port 15037" in lines(capsys)["farm"]


def test_a_program_that_is_missing_says_how_to_get_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert main(["--data", str(tmp_path), "--port", str(any_free())]) == 3
    said = lines(capsys)
    assert said["adb"].startswith("wrong adb           cannot be run: there is no adb")
    assert "delete .venv" in said["postgres"]
    assert "apt-get install mksh" in said["mksh"]


@pytest.mark.parametrize(
    ("finding", "text"),
    [
        (Finding("disk", "9 GiB free"), "ok    disk          9 GiB free"),
        (Finding("usb", "closed", "add a rule"), "note  usb           closed: add a rule"),
        (Finding("disk", "full", "free some", hurts=True), "wrong disk          full: free some"),
    ],
)
def test_a_line_says_fact_and_remedy(finding: Finding, text: str) -> None:
    assert line(finding) == text
