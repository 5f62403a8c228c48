"""A window of a trace for people and programs: SI values, units beside them, device kind on top."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from fleet.traces.planes import Ints, Mask, or_none
from fleet.traces.window import Series, Window

US_PER_S = 1_000_000


def as_json(window: Window, about: Mapping[str, Any]) -> dict[str, Any]:
    """Return a window of the run that `about` describes as one object.

    A series with every row has `value`; one of buckets has `low` and `high` of each.
    """
    return {
        "device_kind": about["device_kind"],
        "run": about,
        "seq": window.seq,
        "trials": [trial.as_json() for trial in window.trials],
        "events": [event.as_json() | {"t_s": event.t / US_PER_S} for event in window.events],
        "channels": [_series(series) for series in window.series],
    }


def as_csv(window: Window, about: Mapping[str, Any]) -> str:
    """Return a window as CSV text, one line per point, the kind of the device in each.

    A bucket gives two lines of the same time: its smallest and its largest value.
    """
    numbers = {trial.id: trial.number for trial in window.trials}
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("run", "device_kind", "trial", "channel", "unit", "t_s", "value"))
    for series in window.series:
        channel = series.channel
        head = (about["id"], about["device_kind"], numbers[series.trial])
        for t_s, value in _points(series):
            writer.writerow((*head, channel.name, channel.unit, t_s, value))
    return text.getvalue()


def _series(series: Series) -> dict[str, Any]:
    channel = series.channel
    low = _si(series.low, channel.exp, series.valid)
    high = low if series.is_exact else _si(series.high, channel.exp, series.valid)
    return {
        "trial": series.trial,
        "group": series.group,
        "ch": channel.ch,
        "name": channel.name,
        "unit": channel.unit,
        "exp": channel.exp,
        "quality": channel.quality,
        "t_s": _seconds(series.clock),
        **({"value": low} if series.is_exact else {"low": low, "high": high}),
    }


def _points(series: Series) -> Iterator[tuple[float, float | None]]:
    times = _seconds(series.clock)
    low = _si(series.low, series.channel.exp, series.valid)
    if series.is_exact:
        yield from zip(times, low, strict=True)
        return
    high = _si(series.high, series.channel.exp, series.valid)
    for t_s, smallest, largest in zip(times, low, high, strict=True):
        yield t_s, smallest
        yield t_s, largest


def _seconds(clock: Ints) -> list[float]:
    return or_none(clock / US_PER_S, np.ones_like(clock, dtype=np.bool_))


def _si(values: Ints, exp: int, valid: Mask) -> list[float | None]:
    """Return stored integers in the channel's unit, None where they are null."""
    # Dividing by a power of ten rounds once; multiplying by its inverse would round twice.
    return or_none(values * 10.0**exp if exp >= 0 else values / 10.0**-exp, valid)
