"""Figures laid out by the server: axes, gaps, dots, and the words for who does not see them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from benchmarks.figures import Figure, Line, Panel
from frontend.drawing.axis import axis_of
from frontend.drawing.chart import Chart, chart_of


def chart(*lines: Line, starts_at_zero: bool = True) -> Chart:
    panel = Panel("Latency", "ms", lines, starts_at_zero)
    return chart_of(Figure("F", "about", "minutes", (panel,)).as_dict())


def test_a_gap_lifts_the_pen() -> None:
    [path] = chart(Line("a", 0, (0, 1, 2, 3), (1.0, None, 1.0, 2.0))).panels[0].paths
    assert path.d.count("M") == 2
    assert path.d.count("L") == 1
    assert not path.is_dot


def test_one_point_alone_is_a_dot() -> None:
    line, dot = chart(Line("a", 0, (1, 2), (3.0, 4.0)), Line("b", 0, (2,), (3.0,))).panels[0].paths
    assert (line.is_dot, dot.is_dot) == (False, True)
    assert dot.d.endswith("h0")


def test_an_axis_far_from_zero_begins_with_its_data() -> None:
    far, near = chart(Line("a", 0, (90, 100), (1, 2))), chart(Line("a", 0, (0.5, 100), (1, 2)))
    assert far.ticks[0].text == "90"
    assert near.ticks[0].text == "0"


def test_sides_differ_in_color_and_lines_of_a_side_in_dash() -> None:
    strokes = chart(*(Line(f"{k}", k // 2, (0, 1), (1, 2)) for k in range(4))).strokes
    assert len({stroke.color for stroke in strokes}) == 2
    assert len({(stroke.color, stroke.dash) for stroke in strokes}) == 4
    assert strokes[0].dash != strokes[2].dash  # a side is known without its color as well


def test_words_say_lowest_highest_and_last() -> None:
    [panel] = chart(Line("a", 0, (0, 1, 2), (5.0, 9.0, 7.0))).panels
    assert "a: lowest 5, highest 9, last 7" in panel.words


def test_throttled_stretches_lie_on_the_axis_of_the_lines() -> None:
    found = chart(Line("a", 0, (0, 10), (1, 1), bands=((2.0, 4.0),)))
    [bar] = found.lanes[0].bars
    assert bar == pytest.approx((20.0, 20.0))


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20), st.booleans())
@example([5e-324], False)
def test_an_axis_holds_its_values_with_few_round_ticks(values: list[float], zero: bool) -> None:
    axis = axis_of(values, from_zero=zero)
    assert all(-1e-6 <= axis.share(value) <= 1 + 1e-6 for value in values)
    assert 2 <= len(axis.ticks) <= 8
    texts = [axis.text(tick) for tick in axis.ticks]
    assert len(set(texts)) == len(texts)
