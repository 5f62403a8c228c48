"""A reproduction's table says by itself whether it reproduces."""

from io import StringIO

import pytest
from rich.console import Console

from benchmarks.reproductions.page import page_of
from benchmarks.reproductions.table import Report, Row, Table, Verdict, show

GOOD = Row("k", 1.78, 1.74, (1.70, 1.85), provenance="G")
BAD = Row("first throttle", 602.0, 900.0, (480.0, 800.0), "s", "G")
NO_GPU = Row("saving, GPU", 0.21, None, (0.1, 0.3), not_applicable="no GPU power model")
SHIFTS = Row("shifts per hour", None, 130.0)


def report(*rows: Row, breaks: str = "") -> Report:
    return Report("some-paper", "Somebody: <Something> (2022)", (Table("t", rows, 1, breaks),))


def test_rows_without_a_range_or_that_do_not_apply_do_not_count() -> None:
    told = report(GOOD, NO_GPU, SHIFTS)
    assert told.is_good
    assert [row.verdict_text for row in told.tables[0].rows] == [
        "in range",
        "not applicable: no GPU power model",
        "report",
    ]


def test_one_row_out_of_range_is_not_reproduced() -> None:
    told = report(GOOD, BAD)
    assert not told.is_good
    assert "NOT reproduced" in told.summary


def test_a_value_that_is_missing_without_a_reason_is_out_of_range() -> None:
    assert Row("k", 1.78, None, (1.0, 2.0)).verdict is Verdict.OUT


@pytest.mark.parametrize(("row", "is_good"), [(BAD, True), (GOOD, False)])
def test_a_negative_control_must_leave_its_range(row: Row, is_good: bool) -> None:
    assert report(row, breaks=row.name).is_good == is_good


def test_the_last_line_printed_is_the_summary() -> None:
    output = StringIO()
    show(Console(file=output, width=200), report(GOOD, NO_GPU))
    assert output.getvalue().splitlines()[-1] == report(GOOD, NO_GPU).summary


def test_the_page_stands_alone_and_escapes_what_it_is_told() -> None:
    page = page_of(report(GOOD))
    assert "Somebody: &lt;Something&gt;" in page
    assert not any(word in page for word in ("http://", "https://", "src=", "<link"))
