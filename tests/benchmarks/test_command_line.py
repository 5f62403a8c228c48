"""The command line without a phone: what there is, and what there is not."""

import re
from pathlib import Path

import pytest

from benchmarks.__main__ import main


def test_list_names_kinds_and_workloads(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    shown = capsys.readouterr().out
    for name in ("thermal_soak", "resnet50", "mobilenet_v2"):
        assert name in shown


def test_show_tells_units_bounds_and_defaults(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "thermal_soak"]) == 0
    shown = capsys.readouterr().out
    assert "duration_s" in shown
    assert re.search(r"duration_s .*7200 +s +How long", shown)
    assert "1 … 7200" in shown


def test_policies_start_with_the_one_that_does_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["policies"]) == 0
    assert "stock" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["show", "termal_soak"], "Did you mean 'thermal_soak'?"),
        (["run", "soak", "--serial", "x"], "There is no benchmark 'soak'."),
        (["run", "thermal_soak", "--serial", "x", "--param", "durations=3"], "'duration_s'?"),
        (["run", "thermal_soak", "--serial", "x", "--param", "duration_s"], "NAME=VALUE"),
        (["run", "thermal_soak", "--serial", "x", "--param", "duration_s=-1"], "greater than"),
        (["run", "thermal_soak", "--serial", "x", "--param", "workload=bert"], "resnet50"),
        (["run", "thermal_soak", "--serial", "x", "--param", "start_gate.hold=3"], "'hold_s'?"),
        (
            ["run", "thermal_soak", "--serial", "x", "--policy", "cold"],
            "stock,",
        ),
        (["run", "thermal_soak", "--serial", "x", "--seed", "-4"], "seed = -4"),
    ],
)
def test_a_wrong_word_is_answered_with_the_right_one(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    assert sentence in capsys.readouterr().err


def test_a_result_that_cannot_be_written_is_refused_before_it_is_measured(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for out, sentence in (
        (tmp_path / "away" / "run.json", f"there is no folder {tmp_path}/away; make it first"),
        (tmp_path, "is a folder: name a file in it"),
    ):
        with pytest.raises(SystemExit) as ended:
            main(["run", "thermal_soak", "--serial", "nobody", "--json", str(out)])
        assert ended.value.code == 2
        assert sentence in " ".join(capsys.readouterr().err.split())


def test_no_adb_server_is_infrastructure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", "1")
    assert main(["run", "thermal_soak", "--serial", "x", "--data", str(tmp_path)]) == 3
    assert "127.0.0.1:1" in capsys.readouterr().err
