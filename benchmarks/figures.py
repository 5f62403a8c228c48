"""Figures as data: what a report draws, without saying how."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a panel; None in `y` is a gap, and a single point is a dot."""

    label: str
    side: int  # which side of the comparison: its color
    x: tuple[float, ...]
    y: tuple[float | None, ...]
    run: int | None = None
    bands: tuple[tuple[float, float], ...] = ()  # throttled stretches of x


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

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a figure may know of one run of a comparison."""

    run: int
    side: int
    label: str  # side and device, as the report names them
    metrics: Mapping[str, float | None]
    details: Mapping[str, Any]
