"""Temperatures that no part of a phone can have: leaps, and sensors that stand while all move."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from benchmarks.safety import PLAUSIBLE_C
from benchmarks.trace import Signal, Trace

LEAP_K = 25.0  # so much no part of a phone cools from one reading to the next …
COLD_C = 10.0  # … to below this: a driver has changed its unit
UNIT = 100.0  # so has one that says less than this part of what it said a reading before …
COOLS_K = 10.0  # … if that is so much less: in the cold, everything is near nothing
STANDS_S = 60.0  # for so long a slow sensor may show the same
MOVED_K = 1.0  # if every other sensor has moved by this much meanwhile, one that stands is stuck
_FEWEST = 3  # other sensors that must have moved


class Oddity(NamedTuple):
    """What is odd about one sensor."""

    kind: str  # leapt or stuck
    channel: str
    sentence: str
    first_s: float  # since the load started [s]
    last_s: float


def odd_sensors(trace: Trace) -> Iterator[Oddity]:
    """Yield what cannot be true of the temperatures under load."""
    zones = {
        name: signal.readings
        for name, signal in sorted(trace.signals.items())
        if name.endswith(".temperature") and signal.readings.values.size > 1
    }
    for name, zone in zones.items():
        found = _leap(name, zone.between(0.0, trace.duration_s)) or _stuck(name, zones, trace)
        if found:
            yield found


def _leap(name: str, zone: Signal) -> Oddity | None:
    """Find readings that no sensor of a phone gives: of no sensor, or in another unit."""
    values, (low, high) = zone.values, PLAUSIBLE_C
    is_odd = (values <= low) | (values >= high) | (values == 0.0)
    steps = np.diff(values, prepend=values[:1])
    is_odd |= (np.abs(steps) > LEAP_K) & (np.minimum(values, values - steps) < COLD_C)
    has_fallen = (-steps > COOLS_K) & (UNIT * values < values - steps)
    if has_fallen.any():
        is_odd |= UNIT * values < np.nanmax(values)
    rows = np.flatnonzero(is_odd)
    # What reads so from the first to the last row is not fitted; that is no news.
    if not rows.size or rows.size == values.size:
        return None
    first, last = rows[0], rows[-1]
    sentence = (
        f"{name} said {values[first]:.4g} °C at {zone.t_s[first]:.1f} s, "
        f"which no part of a phone had ({rows.size} readings)."
    )
    return Oddity("leapt", name, sentence, float(zone.t_s[first]), float(zone.t_s[last]))


def _stuck(name: str, zones: Mapping[str, Signal], trace: Trace) -> Oddity | None:
    """Find a sensor that once moved and stands while each of the others goes on."""
    zone = zones[name]
    steps = np.abs(np.diff(zone.values))
    moves = np.flatnonzero(steps)
    if not moves.size:
        return None
    since_s, end_s = (
        max(0.0, float(zone.t_s[moves[-1] + 1])),
        min(trace.duration_s, float(zone.t_s[-1])),
    )
    if end_s - since_s < STANDS_S:
        return None
    others = [
        _moved_k(other.between(since_s, end_s)) for key, other in zones.items() if key != name
    ]
    going = [moved for moved in others if moved > 0.0]
    if len(going) < _FEWEST or min(going) < max(MOVED_K, 2.0 * float(steps[moves].min())):
        return None
    sentence = (
        f"{name} said {zone.values[-1]:.4g} °C from {since_s:.0f} s on, "
        f"while every other sensor moved by {min(going):.1f} K or more."
    )
    return Oddity("stuck", name, sentence, since_s, end_s)


def _moved_k(zone: Signal) -> float:
    return float(np.ptp(zone.values)) if zone.values.size else 0.0
