"""Round numbers along an axis."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

_SAME = 1e-9  # values that differ by less, as a share of them, are one value on a page
_NOTHING = 1e-12  # and so is what is nearer to zero


@dataclass(frozen=True, slots=True)
class Axis:
    """A range with its ticks."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def share(self, value: float) -> float:
        """Return where a value lies, 0 to 1; outside values outside."""
        return (value - self.low) / (self.high - self.low)

    def text(self, value: float) -> str:
        """Return a tick as people read it, all of them with the same digits."""
        step = self.ticks[1] - self.ticks[0] if len(self.ticks) > 1 else self.high - self.low
        digits = max(0, -math.floor(math.log10(step) + 1e-9)) if step > 0 else 0
        return f"{value:.{digits}f}".replace("-", "−")


def axis_of(values: Iterable[float], most: int = 5, *, from_zero: bool = False) -> Axis:
    """Return an axis that holds the values, with at most so many ticks."""
    found = list(values) or [0.0, 1.0]
    low, high = min(found), max(found)
    if from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    size = max(abs(low), abs(high))
    if high - low < max(_SAME * size, _NOTHING):
        room = 0.5 * (size if size >= _NOTHING else 1.0)
        low, high = low - room, high + room
    step = _step((high - low) / most)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return Axis(first * step, last * step, tuple(n * step for n in range(first, last + 1)))


def span_of(high: float, most: int = 8) -> Axis:
    """Return an axis from zero that ends with the data, not at a tick."""
    high = high or 1.0
    step = _step(high / most)
    return Axis(0.0, high, tuple(n * step for n in range(math.floor(high / step + 1e-9) + 1)))


def _step(least: float) -> float:
    """Return the smallest of 1, 2, 5, 10 … that is at least so large."""
    power: float = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))
