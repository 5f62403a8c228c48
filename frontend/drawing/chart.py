"""A figure of lines above one axis: paths scale with the page, words do not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from frontend.drawing.axis import Axis, axis_of, span_of

COLORS = 5  # custom properties --trace-1 … --trace-5
DASHES = ("", "6 4", "2 3", "9 3 2 3")
DOTS = "1 6"  # of a cloud, in the legend
WIDTH, HEIGHT = 1000, 300  # of a panel's own coordinates


@dataclass(frozen=True, slots=True)
class Stroke:
    """How a line looks everywhere in a figure."""

    label: str
    color: int
    dash: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A word at a place of an axis [% of it]."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Path:
    """One line of a panel, a dot, or a cloud of them."""

    stroke: Stroke
    d: str
    is_dot: bool = False
    is_cloud: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """One set of axes."""

    title: str
    unit: str
    paths: tuple[Path, ...]
    ticks: tuple[Tick, ...]
    words: str  # for people who do not see it


@dataclass(frozen=True, slots=True)
class Lane:
    """Throttled stretches of one line, below the panels [% of the axis]."""

    stroke: Stroke
    bars: tuple[tuple[float, float], ...]  # start, length


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure, laid out."""

    title: str
    about: str
    x: str
    strokes: tuple[Stroke, ...]
    panels: tuple[Panel, ...]
    ticks: tuple[Tick, ...]
    lanes: tuple[Lane, ...]
    template: ClassVar[str] = "frontend/partials/chart.html"


def chart_of(figure: Mapping[str, Any]) -> Chart:
    """Return the layout of a figure of a report."""
    lines = [line for panel in figure["panels"] for line in panel["lines"]]
    strokes = _strokes(lines)
    across = _across([x for line in lines for x in line["x"]])
    return Chart(
        title=figure["title"],
        about=figure["about"],
        x=figure["x"],
        strokes=tuple(strokes.values()),
        panels=tuple(_panel(panel, across, strokes) for panel in figure["panels"]),
        ticks=tuple(Tick(100 * across.share(t), across.text(t)) for t in across.ticks),
        lanes=tuple(_lanes(lines, across, strokes)),
    )


def _across(places: Sequence[float]) -> Axis:
    """Return the x axis: from zero, unless everything lies far from it."""
    far = bool(places) and min(places) > max(places) / 4
    return axis_of(places, 8) if far else span_of(max(places, default=1.0))


def _strokes(lines: Sequence[Mapping[str, Any]]) -> dict[str, Stroke]:
    """Return a color per side and a dash per line of that side."""
    found: dict[str, Stroke] = {}
    for line in lines:
        if line["label"] not in found:
            color = line["side"] % COLORS + 1
            before = sum(stroke.color == color for stroke in found.values())
            # A side has its color; the first line of each side its own dash besides.
            dash = DOTS if line["is_cloud"] else DASHES[(before + line["side"]) % len(DASHES)]
            found[line["label"]] = Stroke(line["label"], color, dash)
    return found


def _panel(panel: Mapping[str, Any], across: Axis, strokes: Mapping[str, Stroke]) -> Panel:
    values = [y for line in panel["lines"] for y in line["y"] if y is not None]
    up = axis_of(values, 4, from_zero=panel["starts_at_zero"])
    return Panel(
        title=panel["title"],
        unit=panel["unit"],
        paths=tuple(_path(line, strokes[line["label"]], across, up) for line in panel["lines"]),
        ticks=tuple(Tick(100 * up.share(t), up.text(t)) for t in up.ticks),
        words=_words(panel),
    )


def _path(line: Mapping[str, Any], stroke: Stroke, across: Axis, up: Axis) -> Path:
    """Return the line as path data; a gap lifts the pen, and one point alone is a dot."""
    parts: list[str] = []
    pen = "M"
    for x, y in zip(line["x"], line["y"], strict=True):
        if y is None:
            pen = "M"
            continue
        parts.append(f"{pen}{WIDTH * across.share(x):.1f} {HEIGHT * (1 - up.share(y)):.1f}")
        pen = "M" if line["is_cloud"] else "L"
    if line["is_cloud"]:
        return Path(stroke, "".join(f"{part}h0" for part in parts), is_cloud=True)
    is_dot = len(parts) == 1
    return Path(stroke, "".join(parts) + ("h0" if is_dot else ""), is_dot)


def _lanes(
    lines: Sequence[Mapping[str, Any]], across: Axis, strokes: Mapping[str, Stroke]
) -> list[Lane]:
    found = []
    for label, stroke in strokes.items():
        bands = next(
            (line["bands"] for line in lines if line["label"] == label and line["bands"]), ()
        )
        bars = tuple(
            (100 * across.share(start), 100 * (across.share(end) - across.share(start)))
            for start, end in bands
        )
        found.append(Lane(stroke, bars))
    return found if any(lane.bars for lane in found) else []


def _words(panel: Mapping[str, Any]) -> str:
    """Return a panel as text: lowest, highest and last value of each line."""
    parts = []
    for line in panel["lines"]:
        values = [y for y in line["y"] if y is not None]
        if values:
            text = f"lowest {min(values):.3g}, highest {max(values):.3g}, last {values[-1]:.3g}"
            parts.append(f"{line['label']}: {text}")
    return f"{panel['title']} in {panel['unit']}. " + "; ".join(parts)
