"""A row's change on one line: interval, estimate, its pairs, and the band that does not matter."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

WIDEST = 0.6  # a share beyond this leaves the picture
ROOM = 1.15


@dataclass(frozen=True, slots=True)
class Interval:
    """Places on the line [% of its width]; None where there is nothing to draw."""

    zero: float
    band: tuple[float, float]  # start, length
    bar: tuple[float, float] | None  # start, length
    estimate: float | None
    dots: tuple[float, ...]


def reach_of(rows: Iterable[Mapping[str, Any]]) -> dict[tuple[bool, str], float]:
    """Return how far the lines reach to both sides: one reach for all shares, one per unit.

    A change without an interval does not stretch the scale of those that have one: it leaves the
    picture at its edge.
    """
    reach: dict[tuple[bool, str], float] = {}
    every = list(rows)
    with_interval = {_scale(row) for row in every if (row["change"] or {}).get("low") is not None}
    for row in every:
        key = _scale(row)
        names = ("low", "high") if key in with_interval else ("estimate",)
        change = row["change"] or {}
        sizes = [2 * row["threshold"], reach.get(key, 0.0)]
        sizes += [abs(change[name]) for name in names if change.get(name)]
        reach[key] = max(sizes)
    return {key: min(size, WIDEST) if key[0] else size for key, size in reach.items()}


def interval_of(row: Mapping[str, Any], reach: Mapping[tuple[bool, str], float]) -> Interval:
    """Return where a row's numbers lie on its line."""
    widest = reach[_scale(row)] * ROOM
    change = row["change"] or {}
    low, high = (_place(change.get(name), widest) for name in ("low", "high"))
    start, end = (_place(sign * row["threshold"], widest) or 0.0 for sign in (-1, 1))
    return Interval(
        zero=50.0,
        band=(start, end - start),
        bar=None if low is None or high is None else (low, high - low),
        estimate=_place(change.get("estimate"), widest),
        dots=tuple(_dots(row, widest)),
    )


def _dots(row: Mapping[str, Any], widest: float) -> list[float]:
    is_share = _scale(row)[0]
    changes = [
        (b / a - 1 if is_share else b - a)
        for a, b in (pair["values"] for pair in row["pairs"])
        if a or not is_share
    ]
    return [place for change in changes if (place := _place(change, widest)) is not None]


def _scale(row: Mapping[str, Any]) -> tuple[bool, str]:
    change = row["change"]
    is_share = bool(change and change["is_share"])
    return is_share, "" if is_share else row["unit"]


def _place(value: float | None, widest: float) -> float | None:
    if value is None:
        return None
    return round(50 + 50 * max(-1.0, min(1.0, value / widest)), 2)
