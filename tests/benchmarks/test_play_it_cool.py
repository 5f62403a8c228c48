"""Play It Cool is reproduced: the fast form, as a person runs it."""

import json

import pytest

from benchmarks.__main__ import main


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
