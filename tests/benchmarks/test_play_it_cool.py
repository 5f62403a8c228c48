"""Play It Cool is reproduced: the fast form, as a person runs it."""

import json

import pytest

from benchmarks.__main__ import main
from benchmarks.reproductions.play_it_cool import paper
from tests.parts.adb import virtual_phones


def test_every_row_is_in_range_and_the_control_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reproduce", "play-it-cool", "--fast", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["ok"]
    table, control = report["tables"]
    verdicts = [row["verdict"] for row in table["rows"]]
    assert verdicts.count("in range") == 9
    assert "out of range" not in verdicts
    assert control["breaks"] == "shifting: throttled fraction"
    assert control["rows"][0]["ours"] > 0.05  # chatter throttles the phone again


@pytest.mark.nightly
@pytest.mark.timeout(900)
def test_the_same_policy_keeps_a_phone_behind_adb_from_throttling(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with virtual_phones(paper.PHONE, speed=20) as phones:
        monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(phones.server.port))
        asked = ["reproduce", "play-it-cool", "--fast", "--json", "--adb", phones.serials[0]]
        assert main(asked) == 0
    report = json.loads(capsys.readouterr().out)
    over_adb = report["tables"][-1]
    assert [row["verdict"] for row in over_adb["rows"]] == ["in range", "in range", "report"]
    assert 0 < over_adb["rows"][-1]["ours"] < 10  # a host at 20× decides seconds later
