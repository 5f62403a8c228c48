"""Every kind of figure that a report may hold, laid out by its own module."""

from collections.abc import Mapping
from typing import Any

from frontend.drawing.bars import BarChart, bars_of
from frontend.drawing.chart import Chart, chart_of
from frontend.drawing.gantt import GanttChart, gantt_of
from frontend.drawing.heat_map import MapChart, map_of
from frontend.drawing.violins import ViolinChart, violins_of

Drawn = Chart | BarChart | MapChart | GanttChart | ViolinChart


def drawn(figure: Mapping[str, Any]) -> Drawn:
    """Return the layout of one figure of a report; it names the template that shows it."""
    match figure["kind"]:
        case "bars":
            return bars_of(figure)
        case "map":
            return map_of(figure)
        case "gantt":
            return gantt_of(figure)
        case "violins":
            return violins_of(figure)
    return chart_of(figure)
