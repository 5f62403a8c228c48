"""A table of colored cells as SVG: one number over two parameters."""

from collections.abc import Mapping
from html import escape

_CELL_W, _CELL_H, _LEFT, _TOP = 120, 58, 90, 40
_LEAST, _MOST = 0.08, 0.75  # opacity of the smallest and of the largest number


def heat_map(cells: Mapping[tuple[float, float], tuple[float, str]], x: str, y: str) -> str:
    """Return the map of {(x, y): (number, words)}; the larger, the darker."""
    xs, ys = sorted({key[0] for key in cells}), sorted({key[1] for key in cells})
    width, height = _LEFT + _CELL_W * len(xs) + 10, _TOP + _CELL_H * len(ys) + 36
    numbers = [number for number, _ in cells.values()]
    low, span = min(numbers), (max(numbers) - min(numbers)) or 1.0
    parts = [f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(y)} over {x}">']
    for (at_x, at_y), (number, words) in cells.items():
        left, top = _LEFT + _CELL_W * xs.index(at_x), _TOP + _CELL_H * ys.index(at_y)
        opacity = _LEAST + (_MOST - _LEAST) * (number - low) / span
        middle = left + _CELL_W / 2
        parts += [
            f'<rect x="{left}" y="{top}" width="{_CELL_W - 2}" height="{_CELL_H - 2}"'
            f' fill="var(--two)" fill-opacity="{opacity:.2f}"/>',
            f'<text x="{middle}" y="{top + 24}" text-anchor="middle" font-weight="600">'
            f"{number:.1f}</text>",
            f'<text x="{middle}" y="{top + 44}" text-anchor="middle">{escape(words)}</text>',
        ]
    for index, value in enumerate(xs):
        at = _LEFT + _CELL_W * (index + 0.5)
        parts.append(f'<text x="{at}" y="{_TOP - 8}" text-anchor="middle">{value:g}</text>')
    for index, value in enumerate(ys):
        at = _TOP + _CELL_H * (index + 0.5) + 4
        parts.append(f'<text x="{_LEFT - 8}" y="{at}" text-anchor="end">{value:g}</text>')
    parts.append(f'<text x="8" y="{_TOP - 24}">{escape(y)} ↓   {escape(x)} →</text></svg>')
    return "".join(parts)
