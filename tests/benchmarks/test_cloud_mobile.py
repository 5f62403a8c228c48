"""The reproduction of cloud-mobile: all rows in range, and a control that leaves it."""

from dataclasses import replace

import pytest

from benchmarks.reproductions.catalog import REPRODUCTIONS
from benchmarks.reproductions.cloud_mobile import diffusion
from benchmarks.reproductions.options import Options
from benchmarks.reproductions.table import Report, Verdict


@pytest.fixture(scope="module")
def report() -> Report:
    return REPRODUCTIONS["cloud-mobile"].run(Options(fast=True), lambda _: None)


def test_every_row_with_a_range_is_in_it(report: Report) -> None:
    assert report.is_good, report.summary
    rows = [row for table in report.tables if not table.breaks for row in table.rows]
    assert sum(row.verdict is Verdict.IN for row in rows) >= 20


def test_without_the_feasibility_filter_the_table_breaks(report: Report) -> None:
    (control,) = (table for table in report.tables if table.breaks)
    assert control.is_good
    assert not replace(control, breaks="").is_good


def test_every_text_says_that_the_algorithm_is_reconstructed(report: Report) -> None:
    words = "algorithm reconstructed from the abstract; the full text was not available"
    assert words in report.paper
    assert any(words in note.lower() for note in report.notes)
    ours = [row for table in report.tables for row in table.rows if row.provenance == "S"]
    assert all("not the paper" in row.note for row in ours if row.paper is not None)


def test_the_same_seed_draws_the_same_phones() -> None:
    assert diffusion.population(3) == diffusion.population(3)
    assert diffusion.population(3) != diffusion.population(4)
