"""A map of one value over two parameters: the larger, the darker; every cell also says it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

LEAST, MOST = 6.0, 62.0  # of the color in the palest and in the darkest cell [%]


@dataclass(frozen=True, slots=True)
class Field:
    """One cell; empty where nothing was measured."""

    text: str = ""
    words: str = ""
    tone: float = 0.0  # [%]


@dataclass(frozen=True, slots=True)
class MapChart:
    """A map, laid out as rows."""

    title: str
    about: str
    x: str
    y: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Field, ...]], ...]
    template: ClassVar[str] = "frontend/partials/heat_map.html"


def map_of(figure: Mapping[str, Any]) -> MapChart:
    """Return the layout of a map."""
    values = [cell["value"] for cell in figure["cells"]]
    low, span = min(values, default=0.0), (max(values, default=0.0) - min(values, default=0.0))
    found = {
        (cell["x"], cell["y"]): Field(
            cell["text"],
            cell["words"],
            round(LEAST + (MOST - LEAST) * (cell["value"] - low) / (span or 1.0), 1),
        )
        for cell in figure["cells"]
    }
    columns = range(len(figure["xs"]))
    return MapChart(
        title=figure["title"],
        about=figure["about"],
        x=figure["x"],
        y=figure["y"],
        columns=tuple(figure["xs"]),
        rows=tuple(
            (name, tuple(found.get((x, y), Field()) for x in columns))
            for y, name in enumerate(figure["ys"])
        ),
    )
