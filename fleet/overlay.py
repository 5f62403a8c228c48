"""Traces of several runs laid over each other, aligned where their loads began."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np
from psycopg import Connection

from benchmarks.figures import Figure, Line, Panel
from fleet.models import Run
from fleet.traces import layout
from fleet.traces.layout import StoredChannel
from fleet.traces.planes import or_none
from fleet.traces.window import Series, Window, read_window

MOST_LINES = 6
POINTS = 720  # per line
US_PER_S = 1e6
US_PER_MINUTE = 60e6
ABOUT = (
    "One run for each side and device, the one in the middle; minute 0 is where its load began. "
    "Drawn is the middle of the lowest and the highest reading of each stretch of time."
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """One panel: its title, what one shown unit is in SI, and which channel it takes."""

    title: str
    unit: str
    per: float
    starts_at_zero: bool


QUANTITIES = (
    Quantity("Temperature", "°C", 1.0, False),
    Quantity("Frequency", "GHz", 1e9, True),
    Quantity("Latency", "ms", 1e-3, True),
    Quantity("Power", "W", 1.0, True),
)


def overlay(
    connection: Connection[Any], report: Mapping[str, Any], runs: Mapping[int, Run]
) -> Figure | None:
    """Return the figure of a report's traces; None if no run has one."""
    chosen = list(_chosen(report, runs))[:MOST_LINES]
    panels: list[list[Line]] = [[] for _ in QUANTITIES]
    for run, side, label in chosen:
        for number, line in _lines(connection, run, side, label):
            panels[number].append(line)
    if not any(panels):
        return None
    return Figure(
        "Traces",
        ABOUT,
        "minutes under load",
        tuple(
            Panel(quantity.title, quantity.unit, tuple(lines), quantity.starts_at_zero)
            for quantity, lines in zip(QUANTITIES, panels, strict=True)
            if lines
        ),
    )


def _chosen(report: Mapping[str, Any], runs: Mapping[int, Run]) -> Iterator[tuple[Run, int, str]]:
    """Yield the run in the middle of each side and device, by its mean latency."""
    left_out = {one["run"] for one in report["left_out"]}
    for number, side in enumerate(report["sides"]):
        usable = [runs[pk] for pk in side["runs"] if pk not in left_out]
        for device in dict.fromkeys(run.device_id for run in usable):
            mine = sorted((run for run in usable if run.device_id == device), key=_mean_ms)
            run = mine[len(mine) // 2]
            name = side["name"]
            many = len({device for one in report["sides"] for device in one["devices"]}) > 1
            is_named = report["by"] == "device" or not many
            yield run, number, name if is_named else f"{name} · {run.device}"


def _mean_ms(run: Run) -> float:
    values = [row.value for row in run.metrics.all() if row.name == "mean_ms"]
    return values[-1] or 0.0 if values else 0.0


def _lines(
    connection: Connection[Any], run: Run, side: int, label: str
) -> Iterator[tuple[int, Line]]:
    channels = _channels(connection, run)
    window = read_window(connection, run.pk, [c.name for c in channels if c], points=POINTS)
    measured = {trial.id for trial in window.trials if trial.number > 0}
    load = under_load(window, measured)
    early_s = (load.shown_us - load.start_us) / US_PER_S
    spans = run.details.get("throttled") or ()
    bands = tuple(((a - early_s) / 60, (b - early_s) / 60) for a, b in spans)
    for number, channel in enumerate(channels):
        found = [s for s in window.series if channel and s.channel.name == channel.name]
        found = [s for s in found if s.trial in measured and s.clock.size]
        if found:
            x, y = _points(found[0], load.shown_us, load.end_us, QUANTITIES[number].per)
            yield number, Line(label, side, x, y, run.pk, bands if number == 0 else ())


def _points(
    series: Series, start_us: int, end_us: int, per: float
) -> tuple[tuple[float, ...], tuple[float | None, ...]]:
    middle = (series.low + series.high) / 2 * 10.0**series.channel.exp / per
    x = (series.clock - start_us) / US_PER_MINUTE
    inside = (series.clock >= start_us) & (series.clock <= end_us)
    values = or_none(np.round(middle, 4)[inside], series.valid[inside])
    return tuple(np.round(x[inside], 3).tolist()), tuple(values)


@dataclass(frozen=True, slots=True)
class Load:
    """When a load began and ended [µs of trace time]."""

    start_us: int
    shown_us: int  # from when it is compared: after what was timed before tenants came
    end_us: int


def under_load(window: Window, measured: Set[int]) -> Load:
    """Return the load of the measured trials; a lane may start and end many times in it."""
    times: dict[str, list[int]] = defaultdict(list)
    for event in window.events:
        if event.trial in measured:
            times[event.kind].append(event.t)
    last = max((int(series.clock[-1]) for series in window.series if series.clock.size), default=0)
    start_us = min(times["started"], default=0)
    return Load(start_us, min(times["tenants"], default=start_us), max(times["idle"], default=last))


def _channels(connection: Connection[Any], run: Run) -> list[StoredChannel | None]:
    """Return the channel of each panel: hottest zone, fastest cluster, latency, power."""
    every = [
        channel
        for trial in layout.trials_of(connection, run.pk)
        if trial.number > 0
        for group in trial.groups
        for channel in group.channels
    ]
    hottest = next((m.source for m in run.metrics.all() if m.name == "peak_temperature_c"), "")
    zones = [c for c in every if c.name.startswith("zone.")]
    return [
        _first([c for c in zones if c.source == hottest] or zones),
        _first(sorted(_named(every, "cpu.", ".frequency"), key=_speed_rank)),
        _first([c for c in every if c.name == "inference.latency"]),
        _first([c for c in every if c.unit == "W"]),
    ]


_CLUSTERS = ("prime", "big", "mid", "little")


def _speed_rank(channel: StoredChannel) -> int:
    name = channel.name.split(".")[1]
    return _CLUSTERS.index(name) if name in _CLUSTERS else len(_CLUSTERS)


def _named(channels: Sequence[StoredChannel], start: str, end: str) -> list[StoredChannel]:
    return [c for c in channels if c.name.startswith(start) and c.name.endswith(end)]


def _first(channels: Sequence[StoredChannel]) -> StoredChannel | None:
    return channels[0] if channels else None
