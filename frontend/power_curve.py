"""A small picture of power over clock, as coordinates for inline SVG."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, log10

WIDTH, HEIGHT = 360, 210
_LEFT, _RIGHT, _TOP, _BOTTOM = 42, 12, 12, 34


@dataclass(frozen=True, slots=True)
class Point:
    """One operating point."""

    ghz: float
    mw: float


@dataclass(frozen=True, slots=True)
class Curve:
    """The operating points of one cluster, or of the GPU."""

    name: str
    points: tuple[Point, ...]
    is_measured: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A curve in the picture's coordinates."""

    name: str
    number: int  # of the color, from 1
    is_measured: bool
    path: str
    dots: tuple[tuple[str, str], ...]
    words: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis."""

    at: str
    text: str


@dataclass(frozen=True, slots=True)
class PowerCurve:
    """What the template draws."""

    lines: tuple[Line, ...]
    x: tuple[Tick, ...]
    y: tuple[Tick, ...]
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    top: int = _TOP
    bottom: int = HEIGHT - _BOTTOM
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def words(self) -> str:
        """The picture in words, for who does not see it."""
        return "; ".join(line.words for line in self.lines)


def power_curve(curves: Iterable[Curve]) -> PowerCurve:
    """Lay out curves over a common scale that starts at nothing."""
    shown = tuple(curves)
    step_x = _step(max(point.ghz for curve in shown for point in curve.points))
    step_y = _step(max(point.mw for curve in shown for point in curve.points))
    top_x = step_x * ceil(max(p.ghz for c in shown for p in c.points) / step_x - 1e-9)
    top_y = step_y * ceil(max(p.mw for c in shown for p in c.points) / step_y - 1e-9)

    def x(ghz: float) -> str:
        return f"{_LEFT + (WIDTH - _LEFT - _RIGHT) * ghz / top_x:.1f}"

    def y(mw: float) -> str:
        return f"{HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * mw / top_y:.1f}"

    lines = []
    for number, curve in enumerate(shown, start=1):
        dots = tuple((x(point.ghz), y(point.mw)) for point in curve.points)
        path = "M" + " L".join(f"{a} {b}" for a, b in dots)
        lines.append(Line(curve.name, number, curve.is_measured, path, dots, _words(curve)))
    return PowerCurve(
        tuple(lines),
        tuple(Tick(x(k * step_x), f"{k * step_x:g}") for k in range(round(top_x / step_x) + 1)),
        tuple(Tick(y(k * step_y), f"{k * step_y:g}") for k in range(round(top_y / step_y) + 1)),
    )


def _step(top: float) -> float:
    """Return the distance of about four round marks up to `top`."""
    raw = top / 4
    size: float = 10 ** int(log10(raw) // 1)
    return size * next(round_ for round_ in (1, 2, 2.5, 5, 10) if round_ * size >= raw)


def _words(curve: Curve) -> str:
    low, high = curve.points[0], curve.points[-1]
    return (
        f"{curve.name}: {len(curve.points)} clocks, {low.mw:.0f} mW at {low.ghz:.2f} GHz "
        f"to {high.mw:.0f} mW at {high.ghz:.2f} GHz"
    )
