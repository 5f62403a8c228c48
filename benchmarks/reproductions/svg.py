"""Small plots as SVG text: axes, lines, points and bars in the colors of the report's page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

COLORS = ("var(--one)", "var(--two)", "var(--three)", "var(--good)", "var(--soft)")
_LEFT, _TOP, _RIGHT, _BOTTOM = 64.0, 16.0, 150.0, 44.0
_TICKS = 5


@dataclass(frozen=True, slots=True)
class Axis:
    """One direction: its range in the data, and what it counts."""

    low: float
    high: float
    title: str
    groups: tuple[str, ...] = ()  # names at 0.5, 1.5, … in place of numbers

    def share(self, value: float) -> float:
        """Return where a value lies on the axis [0 to 1]."""
        return (value - self.low) / ((self.high - self.low) or 1.0)

    def ticks(self) -> list[float]:
        """Return round numbers within the axis."""
        rough = (self.high - self.low) / _TICKS or 1.0
        power = 10.0 ** floor(log10(rough))
        step = next(s * power for s in (1, 2, 5, 10) if s * power >= rough)
        first, last = ceil(self.low / step - 1e-9), floor(self.high / step + 1e-9)
        return [n * step for n in range(first, last + 1)]


def axis_around(title: str, values: Sequence[float], margin: float = 0.05) -> Axis:
    """Return an axis that all values fit on, with some room."""
    low, high = min(values), max(values)
    room = (high - low or abs(high) or 1.0) * margin
    return Axis(low - room, high + room, title)


class Plot:
    """One pair of axes."""

    def __init__(self, x: Axis, y: Axis, width: float = 860.0, height: float = 320.0) -> None:
        self._x, self._y = x, y
        self._width, self._height = width, height
        self._parts: list[str] = list(self._axes())
        self._names = 0

    def line(self, xs: Sequence[float], ys: Sequence[float], color: str, dash: str = "") -> None:
        """Draw a line through points."""
        path = " ".join(
            f"{'L' if k else 'M'}{self._px(x):.1f},{self._py(y):.1f}"
            for k, (x, y) in enumerate(zip(xs, ys, strict=True))
        )
        style = f' stroke-dasharray="{dash}"' if dash else ""
        self._parts.append(
            f'<path d="{path}" fill="none" stroke="{color}" stroke-width="2"{style}/>'
        )

    def dot(self, x: float, y: float, color: str, radius: float = 3.0, title: str = "") -> None:
        """Draw a point; `title` is shown under the pointer."""
        told = f"<title>{escape(title)}</title>" if title else ""
        self._parts.append(
            f'<circle cx="{self._px(x):.1f}" cy="{self._py(y):.1f}" r="{radius:g}" '
            f'fill="{color}">{told}</circle>'
        )

    def bar(self, x0: float, x1: float, y0: float, y1: float, color: str, title: str = "") -> None:
        """Fill a rectangle given by its corners in the data."""
        left, top = self._px(min(x0, x1)), self._py(max(y0, y1))
        width, height = abs(self._px(x1) - self._px(x0)), abs(self._py(y1) - self._py(y0))
        told = f"<title>{escape(title)}</title>" if title else ""
        self._parts.append(
            f'<rect x="{left:.1f}" y="{top:.1f}" width="{max(width, 0.5):.1f}" '
            f'height="{height:.1f}" fill="{color}">{told}</rect>'
        )

    def name(self, text: str, color: str) -> None:
        """Add a line to the legend."""
        y = _TOP + 14 + 18 * self._names
        x = self._width - _RIGHT + 14
        self._names += 1
        self._parts.append(f'<rect x="{x}" y="{y - 9}" width="12" height="10" fill="{color}"/>')
        self._parts.append(f'<text x="{x + 18}" y="{y}">{escape(text)}</text>')

    def svg(self) -> str:
        """Return the whole picture."""
        box = f'viewBox="0 0 {self._width:g} {self._height:g}" role="img"'
        return f"<svg {box}>{''.join(self._parts)}</svg>"

    def _px(self, x: float) -> float:
        return _LEFT + self._x.share(x) * (self._width - _LEFT - _RIGHT)

    def _py(self, y: float) -> float:
        return self._height - _BOTTOM - self._y.share(y) * (self._height - _TOP - _BOTTOM)

    def _axes(self) -> Iterator[str]:
        base, end = self._height - _BOTTOM, self._width - _RIGHT
        named = [(number + 0.5, group) for number, group in enumerate(self._x.groups)]
        for x, text in named or [(x, f"{x:.4g}") for x in self._x.ticks()]:
            yield (
                f'<text x="{self._px(x):.1f}" y="{base + 16}" text-anchor="middle">'
                f"{escape(text)}</text>"
            )
        for y in self._y.ticks():
            py = self._py(y)
            yield f'<path d="M{_LEFT},{py:.1f}H{end}" stroke="var(--line)"/>'
            yield f'<text x="{_LEFT - 6}" y="{py + 4:.1f}" text-anchor="end">{y:.4g}</text>'
        middle = (_LEFT + self._width - _RIGHT) / 2
        yield (
            f'<text x="{middle}" y="{self._height - 8}" text-anchor="middle">'
            f"{escape(self._x.title)}</text>"
        )
        yield (
            f'<text transform="translate(14 {self._height / 2}) rotate(-90)" '
            f'text-anchor="middle">{escape(self._y.title)}</text>'
        )
