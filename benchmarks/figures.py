"""Figures as data: what a report draws, without saying how."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a panel; None in `y` is a gap, and a single point is a dot."""

    label: str
    side: int  # which side of the comparison: its color
    x: tuple[float, ...]
    y: tuple[float | None, ...]
    run: int | None = None
    bands: tuple[tuple[float, float], ...] = ()  # throttled stretches of x
    is_cloud: bool = False  # points that no line joins


@dataclass(frozen=True, slots=True)
class Panel:
    """Lines that share a scale."""

    title: str
    unit: str
    lines: tuple[Line, ...]
    starts_at_zero: bool = True


@dataclass(frozen=True, slots=True)
class Figure:
    """Panels above one x axis."""

    title: str
    about: str  # one sentence: what to look for, and what the figure leaves out
    x: str  # what the x axis shows, with its unit
    panels: tuple[Panel, ...]
    kind: Literal["lines"] = "lines"

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, made of parts that lie end to end; `mark` is where something else says it ends."""

    label: str
    side: int
    values: tuple[float, ...]  # one per part
    mark: float | None = None
    words: str = ""  # what stands beside it


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars that share a scale and the names of their parts."""

    title: str
    about: str
    unit: str
    parts: tuple[str, ...]  # one name: the bars have the colors of their sides
    bars: tuple[Bar, ...]
    mark: str = ""  # what the marks are
    kind: Literal["bars"] = "bars"

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a map."""

    x: int  # its column and its row
    y: int
    value: float  # how dark it is
    text: str
    words: str = ""  # smaller, below


@dataclass(frozen=True, slots=True)
class HeatMap:
    """One value over two parameters."""

    title: str
    about: str
    x: str  # what the columns are, with their unit
    y: str
    xs: tuple[str, ...]
    ys: tuple[str, ...]
    cells: tuple[Cell, ...]
    kind: Literal["map"] = "map"

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time on a lane of a Gantt chart."""

    start: float
    end: float
    height: float  # 0 to 1
    tone: float  # 0 (pale) to 1
    words: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One row of a Gantt chart."""

    label: str
    side: int
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class Gantt:
    """Who was there when, how much of it they had, and what they ran."""

    title: str
    about: str
    x: str
    lanes: tuple[Lane, ...]
    kind: Literal["gantt"] = "gantt"

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Spread:
    """How one quantity is distributed: its quantiles at even steps, from the least to the most."""

    label: str
    side: int
    quantiles: tuple[float, ...]
    run: int | None = None


@dataclass(frozen=True, slots=True)
class Violins:
    """Distributions side by side."""

    title: str
    about: str
    unit: str
    spreads: tuple[Spread, ...]
    kind: Literal["violins"] = "violins"

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)


Drawing = Figure | Bars | HeatMap | Gantt | Violins


@dataclass(frozen=True, slots=True)
class Subject:
    """What a figure may know of one run of a comparison."""

    run: int
    side: int
    label: str  # side and device, as the report names them
    metrics: Mapping[str, float | None]
    details: Mapping[str, Any]
    device: str = ""
    policy: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)  # as the contract writes them
