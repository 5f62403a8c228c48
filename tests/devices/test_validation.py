"""The model beside what others measured: all in range, and no group that could not fail."""

import json
import subprocess
import sys

import pytest

from devices.virtual.validate.broken import BREAKS, broken
from devices.virtual.validate.command import GROUPS, main, rows_of
from devices.virtual.validate.rows import Row, summary
from tests.golden.networks.tables import PLACE, text


def test_every_judged_row_is_within_its_range() -> None:
    rows = rows_of(tuple(GROUPS), fast=True)
    assert [row for row in rows if row.verdict == "OUT"] == []
    assert {row.group for row in rows} == set(GROUPS)
    assert all(row.source for row in rows)


@pytest.mark.parametrize("group", GROUPS)
def test_broken_physics_turns_its_group_red(group: str) -> None:
    with broken(group):
        assert any(row.verdict == "OUT" for row in rows_of((group,), fast=True))


def test_every_group_has_its_control() -> None:
    assert set(BREAKS) == set(GROUPS)


def test_the_command_says_which_group_is_out_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--group", "step_wise"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == (
        "29 rows judged, all within their ranges; 0 only shown"
    )
    assert main(["--group", "step_wise", "--break", "step_wise"]) == 1
    told = capsys.readouterr()
    assert "OUT (step_wise)" in told.out.splitlines()[-1]
    assert told.err.startswith("Broken on purpose: ")


def test_programs_get_rows() -> None:
    command = [sys.executable, "-m", "devices.virtual", "validate", "--group", "skin PID", "--json"]
    rows = json.loads(subprocess.check_output(command, timeout=60))
    assert set(rows[0]) == {
        "group", "what", "published", "ours", "unit", "accept", "kind", "source",
        "ratio", "verdict",
    }  # fmt: skip


def test_a_row_at_the_end_of_its_range_is_in_it() -> None:
    def row(ours: float) -> Row:
        return Row("g", "w", 1.0, ours, "", (0.9, 1.1), "predicted", "s")

    assert [row(x).verdict for x in (0.89, 0.9, 1.1, 1.11)] == ["OUT", "ok", "ok", "OUT"]
    assert summary([row(1.0), row(2.0)]) == "2 rows judged, 1 OUT (g); 0 only shown"


def test_the_tables_of_our_networks_are_what_the_generators_draw() -> None:
    """After a change of a generator: python -m tests.golden.networks."""
    assert PLACE.read_text(encoding="utf-8") == text()
