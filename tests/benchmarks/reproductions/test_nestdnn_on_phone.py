"""NestDNN from a phone: short runs of two applications, and by night all six over adb."""

import json

import pytest

from benchmarks.__main__ import main
from benchmarks.reproductions.nestdnn.on_phone import TOTAL, measured
from benchmarks.reproductions.nestdnn.phone_runs import Question
from benchmarks.reproductions.phones import run_near
from benchmarks.reproductions.table import Verdict
from tests.parts.adb import virtual_phones

#: What was fixed for a virtual or real device, long before anything was measured on one.
FIGURE = "MinTotalCost on Pixel 6, over adb: accuracy against frames"
RANGES = {
    "frames at the same accuracy": (1.5, 2.5),
    "accuracy gain at the same frames": (2.5, 7.0),
    "frames at the knee": (1.3, 2.1),
    "energy saved at the knee": (1.2, 2.2),
}


def test_two_applications_trade_accuracy_for_frames_and_the_control_leaves() -> None:
    question = Question(1, duration_s=6, names=("VS", "RI-50"), alphas=(0.002, 0.5))
    made, drawn = measured(lambda spec: run_near("pixel-6", spec), question, (TOTAL,))
    table, control = made
    assert [figure.title for figure in drawn] == [FIGURE]
    by_name = {row.name.removeprefix("MinTotalCost: "): row for row in table.rows}
    assert {name: by_name[name].accept for name in RANGES if name in by_name} == RANGES
    low, high = (row.ours or 0 for name, row in by_name.items() if name.startswith("α = "))
    assert low < high
    assert "capacity" in table.title
    assert "L_max" in table.title
    assert "(virtual)" in table.title
    (blind,) = control.rows
    assert blind.name == control.breaks
    assert blind.verdict is Verdict.OUT


@pytest.mark.nightly
@pytest.mark.timeout(1800)
def test_nested_networks_give_the_papers_frames_on_a_phone_behind_adb(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with virtual_phones("honor-v30-pro", speed=20) as phones:
        monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(phones.server.port))
        asked = ["reproduce", "nestdnn", "--fast", "--json", "--adb", phones.serials[0]]
        assert main(asked) == 0
    tables = json.loads(capsys.readouterr().out)["tables"]
    (over_adb,) = (one for one in tables if "over adb, " in one["title"])
    judged = {row["row"]: row["verdict"] for row in over_adb["rows"] if row["accept"]}
    expected = [*(f"MinTotalCost: {name}" for name in RANGES), "invalid runs"]
    assert judged == dict.fromkeys(expected, "in range")
    (control,) = (one for one in tables if one["breaks"] and "over adb" in one["title"])
    assert control["rows"][0]["verdict"] == "out of range"
