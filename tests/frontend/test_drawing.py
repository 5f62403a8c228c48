"""Figures laid out by the server: axes, gaps, dots, and the words for who does not see them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from benchmarks.figures import (
    Bar,
    Bars,
    Cell,
    Figure,
    Gantt,
    HeatMap,
    Lane,
    Line,
    Panel,
    Spread,
    Stretch,
    Violins,
)
from frontend.drawing.axis import axis_of
from frontend.drawing.bars import bars_of
from frontend.drawing.chart import Chart, chart_of
from frontend.drawing.gantt import gantt_of
from frontend.drawing.heat_map import map_of
from frontend.drawing.slope import slope_of
from frontend.drawing.violins import violins_of


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


def test_bars_begin_at_zero_lie_end_to_end_and_may_go_below() -> None:
    stack = Bars("B", "about", "ms", ("a", "b"), (Bar("x", 0, (1.0, 3.0)),))
    chart_ = bars_of(stack.as_dict())
    first, second = chart_.bars[0].pieces
    assert first.start == chart_.zero == 0
    assert second.start == pytest.approx(first.start + first.length)
    assert [name for _, name in chart_.parts] == ["a", "b"]
    below = bars_of(Bars("B", "", "%", ("s",), (Bar("x", 0, (-20.0,), 10.0),), "theory").as_dict())
    [piece] = below.bars[0].pieces
    assert piece.start + piece.length == pytest.approx(below.zero)
    assert below.bars[0].mark is not None
    assert below.bars[0].mark > below.zero
    assert below.parts == ()


def test_a_map_is_darkest_where_it_is_largest_and_blank_where_nothing_was_measured() -> None:
    cells = (Cell(0, 0, 1.0, "one"), Cell(1, 1, 3.0, "three"))
    found = map_of(HeatMap("M", "about", "x", "y", ("a", "b"), ("c", "d"), cells).as_dict())
    (_, (one, blank)), (_, (_, three)) = found.rows
    assert (one.text, three.text, blank.text) == ("one", "three", "")
    assert blank.tone == 0 < one.tone < three.tone


@given(st.lists(st.floats(0, 1e4), min_size=2, max_size=60))
def test_a_violin_is_widest_where_most_values_are(values: list[float]) -> None:
    spread = Spread("s", 0, tuple(sorted(values)))
    [violin] = violins_of(Violins("V", "about", "ms", (spread,)).as_dict()).violins
    assert violin.d.startswith("M")
    assert violin.low <= violin.middle <= violin.high


def test_a_gantt_block_is_as_high_as_its_share() -> None:
    lane = Lane("a", 0, (Stretch(0, 5, 0.5, 1.0, "half"), Stretch(5, 10, 1.0, 0.0, "all")))
    [row] = gantt_of(Gantt("G", "about", "s", (lane,)).as_dict()).rows
    half, whole = row.blocks
    assert whole.height == pytest.approx(2 * half.height)
    assert whole.x == pytest.approx(half.x + half.width)
    assert half.opacity > whole.opacity


def test_ranks_over_time_turn_where_places_change_and_ties_stay() -> None:
    def runner(label: str, ranks: tuple[int, ...]) -> dict[str, object]:
        return {
            "label": label,
            "side": 0,
            "first_ms": float(ranks[0]),
            "late_ms": float(ranks[-1]),
            "first_rank": ranks[0],
            "late_rank": ranks[-1],
            "ranks": ranks,
        }

    ranking = {"workload": "", "minute": 3, "has_changed": True, "minutes_apart": 1}
    crossed = slope_of(ranking | {"contenders": [runner("a", (1, 1, 2)), runner("b", (2, 1, 1))]})
    for one in crossed.runners:
        assert one.d.count("C") == 1
        assert one.has_moved
    assert crossed.runners[0].left == crossed.runners[1].right
    tied = slope_of(ranking | {"contenders": [runner("a", (1, 1, 1)), runner("b", (1, 1, 1))]})
    assert not any("C" in one.d for one in tied.runners)
