"""A window of a trace for people and programs: SI values, units beside them, device kind on top."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fleet.traces.layout import StoredChannel
from fleet.traces.planes import Ints, or_none
from fleet.traces.window import Series, Window

US_PER_S = 1_000_000
_ROWS_PER_PIECE = 10_000


def si(values: Ints, exp: int) -> NDArray[np.float64]:
    """Return stored integers in the channel's unit."""
    # Dividing by a power of ten rounds once; multiplying by its inverse would round twice.
    scaled: NDArray[np.float64] = values * 10.0**exp if exp >= 0 else values / 10.0**-exp
    return scaled


def as_json(window: Window, run: int, device_kind: str) -> dict[str, Any]:
    """Return a window as one object; times in s, values in each channel's unit."""
    numbers = {trial.id: trial.number for trial in window.trials}
    return {
        "run": run,
        "device_kind": device_kind,
        "seq": window.seq,
        "channels": [
            {
                "trial": series.trial,
                "number": numbers[series.trial],
                "group": series.group,
                "ch": series.channel.ch,
                "name": series.channel.name,
                "unit": series.channel.unit,
                "exp": series.channel.exp,
                "quality": series.channel.quality,
                "t_s": (series.clock / US_PER_S).tolist(),
                **_values(series),
            }
            for series in window.series
        ],
    }


def as_csv(window: Window, run: int, device_kind: str) -> Iterator[str]:
    """Yield a window as CSV text, one line per point, device kind in every line.

    Rows have `value`; buckets have `low` and `high` of theirs as two lines at the same time.
    """
    numbers = {trial.id: trial.number for trial in window.trials}
    yield "run,device_kind,trial,channel,unit,t_s,value\r\n"
    for series in window.series:
        head = (run, device_kind, numbers[series.trial], series.channel.name, series.channel.unit)
        for start in range(0, series.clock.size, _ROWS_PER_PIECE):
            text = io.StringIO()
            writer = csv.writer(text)
            for t_s, value in _lines(series, slice(start, start + _ROWS_PER_PIECE)):
                writer.writerow((*head, t_s, value))
            yield text.getvalue()


def _lines(series: Series, part: slice) -> Iterator[tuple[float, float | None]]:
    times = (series.clock[part] / US_PER_S).tolist()
    low = _scaled(series.channel, series.low[part], series.valid[part])
    if series.is_exact:
        yield from zip(times, low, strict=True)
        return
    high = _scaled(series.channel, series.high[part], series.valid[part])
    for t_s, smallest, largest in zip(times, low, high, strict=True):
        yield t_s, smallest
        yield t_s, largest


def _values(series: Series) -> dict[str, Any]:
    low = _scaled(series.channel, series.low, series.valid)
    if series.is_exact:
        return {"value": low}
    return {"low": low, "high": _scaled(series.channel, series.high, series.valid)}


def _scaled(channel: StoredChannel, values: Ints, valid: NDArray[np.bool_]) -> list[float | None]:
    return or_none(si(values, channel.exp), valid)
