"""Charts of a report's page as SVG text: lines, points, spans and bars over two axes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from math import ceil, floor, log10
from typing import Literal

Look = Literal["one", "two", "three", "soft"]  # which of the page's colors

_WIDTH, _HEIGHT = 720, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 14, 14, 44
_TICKS = 6
_STEPS = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True)
class Axis:
    """What one axis shows."""

    name: str  # with its unit
    low: float
    high: float

    def ticks(self) -> list[float]:
        """Return round numbers within the axis."""
        rough = (self.high - self.low) / _TICKS
        power = 10.0 ** floor(log10(rough))
        step = next(s * power for s in _STEPS if s * power >= rough)
        first = ceil(self.low / step - 1e-9)
        return [round(n * step, 10) for n in range(first, floor(self.high / step + 1e-9) + 1)]


def axis_around(name: str, values: Sequence[float], margin: float = 0.05) -> Axis:
    """Return an axis that all values fit on."""
    low, high = min(values), max(values)
    room = (high - low or abs(high) or 1.0) * margin
    return Axis(name, low - room, high + room)


@dataclass(slots=True)
class Chart:
    """A chart that is filled piece by piece; what comes later lies on top."""

    x: Axis
    y: Axis
    _marks: list[str] = field(default_factory=list)
    _keys: list[tuple[str, Look]] = field(default_factory=list)

    def line(self, xs: Sequence[float], ys: Sequence[float], look: Look, name: str = "") -> None:
        """Draw a line through points."""
        path = " ".join(
            f"{self._at_x(x):.1f},{self._at_y(y):.1f}" for x, y in zip(xs, ys, strict=True)
        )
        self._marks.append(
            f'<polyline points="{path}" fill="none" stroke="var(--{look})" stroke-width="1.6"/>'
        )
        self._remember(name, look)

    def points(self, xs: Sequence[float], ys: Sequence[float], look: Look, name: str = "") -> None:
        """Draw a dot for each point."""
        self._marks += [
            f'<circle cx="{self._at_x(x):.1f}" cy="{self._at_y(y):.1f}" r="3.5"'
            f' fill="var(--{look})"/>'
            for x, y in zip(xs, ys, strict=True)
        ]
        self._remember(name, look)

    def span(self, start: float, end: float) -> None:
        """Shade a stretch of the x axis."""
        left, right = self._at_x(start), self._at_x(end)
        self._marks.append(
            f'<rect x="{left:.1f}" y="{_TOP}" width="{max(right - left, 0.5):.1f}"'
            f' height="{_HEIGHT - _TOP - _BOTTOM}" fill="var(--shade)"/>'
        )

    def bar(self, x: float, width: float, y: float, look: Look, name: str = "") -> None:
        """Draw a bar from the bottom (or from 0, where 0 is on the axis) to `y`."""
        base = self._at_y(min(max(0.0, self.y.low), self.y.high))
        top, left = self._at_y(y), self._at_x(x)
        self._marks.append(
            f'<rect x="{left:.1f}" y="{min(top, base):.1f}" fill="var(--{look})"'
            f' width="{self._at_x(x + width) - left:.1f}" height="{abs(base - top):.1f}"/>'
        )
        self._remember(name, look)

    def label(self, x: float, y: float, text: str) -> None:
        """Write beside a point."""
        at_x, at_y = self._at_x(x), self._at_y(y)
        self._marks.append(f'<text x="{at_x + 6:.1f}" y="{at_y - 6:.1f}">{escape(text)}</text>')

    def svg(self) -> str:
        """Return the whole chart."""
        label = escape(f"{self.y.name} over {self.x.name}")
        drawn = (self._grid(), *self._marks, self._legend())
        head = f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{label}">'
        return f"{head}{''.join(drawn)}</svg>"

    def _at_x(self, x: float) -> float:
        share = (x - self.x.low) / (self.x.high - self.x.low)
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    def _at_y(self, y: float) -> float:
        share = (y - self.y.low) / (self.y.high - self.y.low)
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)

    def _remember(self, name: str, look: Look) -> None:
        if name and (name, look) not in self._keys:
            self._keys.append((name, look))

    def _grid(self) -> str:
        bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
        parts = []
        for tick in self.x.ticks():
            at = self._at_x(tick)
            parts.append(
                f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{_TOP}" y2="{bottom}"'
                ' stroke="var(--line)"/>'
                f'<text x="{at:.1f}" y="{bottom + 16}" text-anchor="middle">{tick:g}</text>'
            )
        for tick in self.y.ticks():
            at = self._at_y(tick)
            parts.append(
                f'<line x1="{_LEFT}" x2="{right}" y1="{at:.1f}" y2="{at:.1f}"'
                ' stroke="var(--line)"/>'
                f'<text x="{_LEFT - 6}" y="{at + 4:.1f}" text-anchor="end">{tick:g}</text>'
            )
        middle = (_TOP + bottom) / 2
        parts.append(
            f'<text x="{(_LEFT + right) / 2}" y="{_HEIGHT - 8}" text-anchor="middle">'
            f"{escape(self.x.name)}</text>"
            f'<text x="14" y="{middle}" text-anchor="middle"'
            f' transform="rotate(-90 14 {middle})">{escape(self.y.name)}</text>'
        )
        return "".join(parts)

    def _legend(self) -> str:
        parts = []
        for row, (name, look) in enumerate(self._keys):
            at = _TOP + 14 + 16 * row
            parts.append(
                f'<rect x="{_WIDTH - _RIGHT - 12}" y="{at - 9}" width="10" height="10"'
                f' fill="var(--{look})"/><text x="{_WIDTH - _RIGHT - 18}" y="{at}"'
                f' text-anchor="end">{escape(name)}</text>'
            )
        return "".join(parts)
