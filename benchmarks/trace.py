"""A trace: all channels of a run's trials as arrays in SI units, with events and phases."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from devices.channels import Channel
from devices.clock import NS_PER_S
from devices.samples import Batch, Event, Group, Item

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Signal:
    """One channel over time; a reading that failed is NaN, never a number."""

    channel: Channel
    t_s: Floats  # [rows], device time since the load started [s]
    values: Floats  # [rows], in the channel's unit

    def between(self, start_s: float, end_s: float) -> "Signal":
        """Return the part that starts within [start_s, end_s)."""
        first, last = np.searchsorted(self.t_s, (start_s, end_s))
        return Signal(self.channel, self.t_s[first:last], self.values[first:last])

    @property
    def readings(self) -> "Signal":
        """Only the rows that have a value."""
        valid = ~np.isnan(self.values)
        return Signal(self.channel, self.t_s[valid], self.values[valid])


@dataclass(frozen=True, slots=True)
class Phase:
    """A named stretch of device time [s since the load started]."""

    name: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """What one trial left behind."""

    signals: Mapping[str, Signal]
    events: tuple[Event, ...] = ()
    start_ns: int = 0  # device time that is 0 s here: the start of the load
    duration_s: float = 0.0  # of the load
    rows: Mapping[tuple[int, int], int] = field(default_factory=dict)  # per (trial, group)

    def get(self, name: str) -> Signal | None:
        """Return one signal, or None if the trial has no such channel."""
        return self.signals.get(name)

    def matching(self, prefix: str, suffix: str) -> tuple[Signal, ...]:
        """Return the signals named `prefix…suffix`, by name."""
        names = sorted(n for n in self.signals if n.startswith(prefix) and n.endswith(suffix))
        return tuple(self.signals[name] for name in names)

    def events_of(self, kind: str) -> tuple[Event, ...]:
        """Return the events of one kind."""
        return tuple(event for event in self.events if event.kind == kind)

    def seconds(self, t_ns: int) -> float:
        """Return a device time as seconds since the load started."""
        return (t_ns - self.start_ns) / NS_PER_S

    def since(self, t_s: float) -> "Trace":
        """Return the trace as if the load had started `t_s` seconds later."""
        later = {
            name: Signal(signal.channel, signal.t_s - t_s, signal.values)
            for name, signal in self.signals.items()
        }
        return replace(
            self,
            signals=later,
            start_ns=self.start_ns + round(t_s * NS_PER_S),
            duration_s=max(0.0, self.duration_s - t_s),
        )

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The stretches before, under and after load."""
        times = [signal.t_s for signal in self.signals.values() if signal.t_s.size]
        first = min((float(t[0]) for t in times), default=0.0)
        last = max((float(t[-1]) for t in times), default=self.duration_s)
        bounds = (
            Phase("before", min(first, 0.0), 0.0),
            Phase("soak", 0.0, self.duration_s),
            Phase("after", self.duration_s, max(last, self.duration_s)),
        )
        return tuple(phase for phase in bounds if phase.end_s > phase.start_s)


Key = tuple[int, int]  # trial, clock group


class TraceBuilder:
    """Collects the items of a run's trials, or their stored columns, and builds the trace.

    The settling before a load is a trial of its own; it ends up at negative times.
    """

    def __init__(self) -> None:
        self._groups: dict[Key, Group] = {}
        self._batches: dict[Key, list[Batch]] = {}
        self._events: list[Event] = []

    def add(self, item: Item) -> None:
        """Take what came from the phone, in order."""
        if isinstance(item, Group):
            self._groups[item.trial, item.number] = item
        elif isinstance(item, Batch):
            self._batches.setdefault((item.trial, item.group), []).append(item)
        else:
            self._events.append(item)

    def extend(self, items: Iterable[Item]) -> "TraceBuilder":
        """Take many items and return this builder."""
        for item in items:
            self.add(item)
        return self

    def build(self) -> Trace:
        """Return the trace; its zero is the first `started` event, else the first row."""
        tables = {key: _joined(rows) for key, rows in self._batches.items() if key in self._groups}
        start_ns = min(self._times("started") or [int(t.t_ns[0]) for t in tables.values()] or [0])
        last_ns = [int(table.t_ns[-1]) for table in tables.values()]
        end_ns = max(self._times("idle") or last_ns or [start_ns])
        return Trace(
            signals=self._signals(tables, start_ns),
            events=tuple(self._events),
            start_ns=start_ns,
            duration_s=max(0.0, (end_ns - start_ns) / NS_PER_S),
            rows={key: table.rows for key, table in tables.items()},
        )

    def _times(self, kind: str) -> list[int]:
        return [event.t_ns for event in self._events if event.kind == kind]

    def _signals(self, tables: Mapping[Key, Batch], start_ns: int) -> dict[str, Signal]:
        parts: dict[str, list[Signal]] = {}
        for key, table in sorted(tables.items(), key=lambda entry: int(entry[1].t_ns[0])):
            t_s = (table.t_ns - start_ns) / NS_PER_S
            for row, channel in enumerate(self._groups[key].channels):
                values = si(channel, table.raw[row], table.valid[row])
                parts.setdefault(channel.name, []).append(Signal(channel, t_s, values))
        return {name: _chained(signals) for name, signals in parts.items()}


def _joined(batches: list[Batch]) -> Batch:
    """Return one batch of all rows in their order."""
    ordered = sorted(batches, key=lambda batch: batch.i0)
    return Batch(
        trial=ordered[0].trial,
        group=ordered[0].group,
        i0=ordered[0].i0,
        t_ns=np.concatenate([batch.t_ns for batch in ordered]),
        raw=np.concatenate([batch.raw for batch in ordered], axis=1),
        valid=np.concatenate([batch.valid for batch in ordered], axis=1),
    )


def _chained(signals: list[Signal]) -> Signal:
    """Return one signal of what one trial after the other read."""
    if len(signals) == 1:
        return signals[0]
    return Signal(
        signals[-1].channel,
        np.concatenate([signal.t_s for signal in signals]),
        np.concatenate([signal.values for signal in signals]),
    )


def si(channel: Channel, raw: NDArray[np.int64], valid: NDArray[np.bool_]) -> Floats:
    """Return raw integers in the channel's unit; NaN where the reading failed."""
    # Dividing by a power of ten rounds once; multiplying by its inverse would round twice.
    scaled = raw * 10.0**channel.exp if channel.exp >= 0 else raw / 10.0**-channel.exp
    return np.where(valid, scaled, np.nan)
