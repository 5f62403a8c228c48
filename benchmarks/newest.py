"""The newest valid value of each channel, in SI, while items come in."""

import numpy as np
from numpy.typing import NDArray

from benchmarks.trace import si
from devices.clock import NS_PER_S
from devices.samples import Batch, Group, Item


class Newest:
    """Remembers one number per channel and the phone's time."""

    def __init__(self) -> None:
        self.values: dict[str, float] = {}
        self.t_ns = 0  # the newest row or event [ns of device time]
        self._good_ns: dict[str, int] = {}  # when the value of a channel was read
        self._row_ns: dict[str, int] = {}  # the newest row of a channel's group, good or not
        self._groups: dict[int, Group] = {}

    def add(self, item: Item) -> None:
        """Take what came from the phone."""
        if isinstance(item, Group):
            self._groups[item.number] = item
        elif isinstance(item, Batch):
            self._take(item)
        else:
            self.t_ns = max(self.t_ns, item.t_ns)

    def _take(self, batch: Batch) -> None:
        if not batch.rows:
            return
        row_ns = int(batch.t_ns[-1])
        self.t_ns = max(self.t_ns, row_ns)
        for row, channel in enumerate(self._groups[batch.group].channels):
            self._row_ns[channel.name] = row_ns
            newest = _last_valid(batch.valid[row])
            if newest is not None:
                self.values[channel.name] = float(batch.raw[row, newest]) * 10.0**channel.exp
                self._good_ns[channel.name] = int(batch.t_ns[newest])

    def row_ns(self, name: str) -> int | None:
        """Return when a channel was last looked at [ns], or None if nothing of it has come yet."""
        return self._row_ns.get(name)

    def column(self, batch: Batch, name: str) -> list[float]:
        """Return the valid values of one channel of a batch, in SI; [] if it has no such one."""
        for row, channel in enumerate(self._groups[batch.group].channels):
            if channel.name == name:
                valid = batch.valid[row]
                found: list[float] = si(channel, batch.raw[row], valid)[valid].tolist()
                return found
        return []

    def rows(self, batch: Batch, *names: str) -> list[tuple[float, ...]]:
        """Return the rows of a batch in which all these channels are valid, in SI.

        [] if it lacks one of the channels.
        """
        channels = {
            channel.name: row for row, channel in enumerate(self._groups[batch.group].channels)
        }
        if not batch.rows or not channels.keys() >= set(names):
            return []
        rows = [channels[name] for name in names]
        valid = batch.valid[rows].all(axis=0)
        columns = [
            si(self._groups[batch.group].channels[row], batch.raw[row], batch.valid[row])[valid]
            for row in rows
        ]
        return list(zip(*(column.tolist() for column in columns), strict=True))

    def within(self, seconds: float) -> dict[str, float]:
        """Return the values that were good in the last `seconds` of device time.

        Groups arrive one after the other, at a fast phone many seconds apart, so each channel's
        age is counted against its own group's newest row.
        """
        oldest_ns = round(seconds * NS_PER_S)
        return {
            name: value
            for name, value in self.values.items()
            if self._row_ns[name] - self._good_ns[name] <= oldest_ns
        }


def _last_valid(valid: NDArray[np.bool_]) -> int | None:
    """Return the place of the last good reading."""
    if valid[-1]:  # nearly always, and much faster than a search
        return valid.size - 1
    places = np.flatnonzero(valid)
    return int(places[-1]) if places.size else None
