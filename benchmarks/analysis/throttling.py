"""When a phone throttled: one detector for all kinds.

Notes:
    T1  the frequency cap of a cluster in use fell below its value at the start, or a CPU cooling
        device rose above its state at the start (a cap that predates the run is not throttling)
    T2  under load, a cluster in use ran at ≤ 0.9 × its median cool frequency, ≥ 3 samples long
    T3  the median latency of the last 10 s exceeded 1.10 × that of the first minute
    A moment is throttled if T1 or (T2 and T3); T2 alone is a governor. Where what an inference has
    to do changes all the time, as among tenants, T3 tells nothing, and T1 alone decides.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.analysis.latency import Inferences, cool_window_s, inferences
from benchmarks.analysis.metrics import Metric
from benchmarks.trace import Floats, Signal, Trace

SLOW_FREQUENCY = 0.9
SLOW_SAMPLES = 3
SLOW_LATENCY = 1.10
ROLLING_S = 10.0
IN_USE = 0.2  # a cluster with less mean utilization does not carry the load

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Span:
    """A throttled stretch [s since the load started]."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Throttling:
    """What the detector saw; None where the phone has no sensor for it."""

    t_s: Floats  # [n], the moments looked at: the samples of the clusters' group
    capped: Bools | None  # [n], T1
    slowed: Bools | None  # [n], T2
    delayed: Bools | None  # [n], T3; None where the load is not even
    spans: tuple[Span, ...]
    duration_s: float

    @property
    def can_tell(self) -> bool:
        """Whether there was any sensor of frequency, cap or cooling."""
        return self.capped is not None or (self.slowed is not None and self.delayed is not None)

    @property
    def fraction(self) -> float:
        """Share of the soak's time that was throttled."""
        total_s = sum(span.end_s - span.start_s for span in self.spans)
        return total_s / self.duration_s if self.duration_s else 0.0

    def details(self, from_s: float = 0.0) -> dict[str, Any]:
        """Return what a page shades, as JSON [s since the load started].

        `from_s` is when the part of the load began that was looked at.
        """

        def shown(spans: Iterable[Span]) -> list[list[float]]:
            return [[span.start_s + from_s, span.end_s + from_s] for span in spans]

        signs = {"capped": self.capped, "slowed": self.slowed, "delayed": self.delayed}
        return {
            "throttled": shown(self.spans),
            "signs": {
                name: shown(spans_of(self.t_s, sign, self.duration_s))
                for name, sign in signs.items()
                if sign is not None
            },
        }

    def contains(self, t_s: Floats) -> Bools:
        """Return for each time whether it lies in a span."""
        starts = np.array([span.start_s for span in self.spans])
        ends = np.array([span.end_s for span in self.spans])
        return np.searchsorted(starts, t_s, "right") > np.searchsorted(ends, t_s, "right")


def detect(trace: Trace, *, is_even: bool = True) -> Throttling:
    """Return the throttled spans of a soak; `is_even`: its inferences all do the same."""
    clock = _clock(trace)
    capped = _any(_capped(signal, clock) for signal in _caps(trace))
    slowed = _any(_slowed(trace, signal, clock) for signal in _frequencies(trace))
    delayed = _delayed(trace, inferences(trace), clock) if is_even else None
    throttled = np.zeros(clock.shape, np.bool_) if capped is None else capped
    if slowed is not None and delayed is not None:
        throttled = throttled | (slowed & delayed)
    spans = spans_of(clock, throttled, trace.duration_s)
    return Throttling(clock, capped, slowed, delayed, spans, trace.duration_s)


def spans_of(t_s: Floats, is_on: Bools, end_s: float) -> tuple[Span, ...]:
    """Return the stretches where `is_on` holds; the last one lasts until `end_s` at most."""
    if not t_s.size:
        return ()
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_on, [False]]).astype(np.int8)))
    times = np.append(t_s, max(end_s, float(t_s[-1])))
    return tuple(
        Span(float(times[first]), float(times[last]))
        for first, last in zip(edges[::2], edges[1::2], strict=True)
    )


def _clock(trace: Trace) -> Floats:
    """Return the moments of the soak at which the clusters (or any sensor) were read."""
    signals = (*trace.matching("cpu.", ".frequency"), *trace.matching("cpu.", ".frequency_cap"))
    signals = signals or trace.matching("cooling.", ".state")
    if not signals:
        return np.arange(0.0, trace.duration_s)
    return signals[0].between(0.0, trace.duration_s).t_s


def _in_use(trace: Trace, signal: Signal) -> bool:
    utilization = trace.get(f"{signal.channel.name.rpartition('.')[0]}.utilization")
    if utilization is None:
        return True
    values = utilization.between(0.0, trace.duration_s).readings.values
    return not values.size or float(values.mean()) >= IN_USE


def _caps(trace: Trace) -> Sequence[Signal]:
    """Return what falls when a phone throttles: caps, and cooling states turned around."""
    caps = [s for s in trace.matching("cpu.", ".frequency_cap") if _in_use(trace, s)]
    cooling = [s for s in trace.matching("cooling.", ".state") if "cpu" in s.channel.name]
    return (*caps, *(Signal(s.channel, s.t_s, -s.values) for s in cooling))


def _frequencies(trace: Trace) -> Sequence[Signal]:
    return [s for s in trace.matching("cpu.", ".frequency") if _in_use(trace, s)]


def _capped(signal: Signal, clock: Floats) -> Bools | None:
    """T1: below the value at the start."""
    held = _held(signal, clock)
    known = held[~np.isnan(held)]
    return held < known[0] if known.size else None


def _slowed(trace: Trace, signal: Signal, clock: Floats) -> Bools | None:
    """T2: at most 0.9 × the median cool frequency, for at least 3 samples."""
    cool = signal.between(0.0, cool_window_s(trace)).readings.values
    if not cool.size:
        return None
    slow = _held(signal, clock) <= SLOW_FREQUENCY * float(np.median(cool))
    return _long_enough(slow, SLOW_SAMPLES)


def _long_enough(is_on: Bools, least: int) -> Bools:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_on, [False]]).astype(np.int8)))
    kept = np.zeros_like(is_on)
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        kept[first:last] = last - first >= least
    return kept


def _delayed(trace: Trace, found: Inferences, clock: Floats) -> Bools:
    """T3: the rolling median latency is above 1.10 × that of the start."""
    cool_s = found.between(0.0, cool_window_s(trace)).median_s
    if cool_s is None:
        return np.zeros(clock.shape, np.bool_)
    seconds = np.arange(0.0, trace.duration_s + 1.0)
    rolling = np.array([_rolling_median(found, second) for second in seconds])
    newest = np.searchsorted(seconds, clock, "right") - 1
    return rolling[newest] > SLOW_LATENCY * cool_s


def _rolling_median(found: Inferences, end_s: float) -> float:
    median = found.between(end_s - ROLLING_S, end_s).median_s
    return np.nan if median is None else median


def _held(signal: Signal, clock: Floats) -> Floats:
    """Return the newest reading at each moment; NaN before the first."""
    known = signal.readings
    if not known.t_s.size:
        return np.full(clock.shape, np.nan)
    newest = np.searchsorted(known.t_s, clock, "right") - 1
    return np.where(newest >= 0, known.values[np.maximum(newest, 0)], np.nan)


def _any(signs: Iterable[Bools | None]) -> Bools | None:
    known = [sign for sign in signs if sign is not None]
    return np.logical_or.reduce(known) if known else None


def throttling_metrics(trace: Trace, seen: Throttling) -> Sequence[Metric]:
    """Return onset, share and what throttling did to latency."""
    if not seen.can_tell:
        blind = "no sensor of frequency, cap or cooling"
        names = (("first_throttle_s", "s"), ("throttled_fraction", "1"), ("k", "1"))
        return tuple(Metric(name, None, unit, note=blind) for name, unit in names)
    return (
        _onset(seen),
        Metric("throttled_fraction", seen.fraction, "1", "lower"),
        *(_heat(trace, seen) if seen.delayed is not None else ()),
        Metric("throttled_spans", float(len(seen.spans)), "1", "lower"),
    )


def _onset(seen: Throttling) -> Metric:
    if not seen.spans:
        note = f"censored: not within {seen.duration_s:g} s"
        return Metric("first_throttle_s", None, "s", "higher", note=note)
    return Metric("first_throttle_s", seen.spans[0].start_s, "s", "higher")


def _heat(trace: Trace, seen: Throttling) -> Sequence[Metric]:
    """Return median latencies outside and inside the spans, and their ratio k."""
    found = inferences(trace)
    is_hot = seen.contains(found.t_s)
    cool, hot = (
        Inferences(found.t_s[part], found.latency_s[part], 0).median_s for part in (~is_hot, is_hot)
    )
    k = hot / cool if hot is not None and cool else None
    never = "" if hot is not None else "never throttled"
    return (
        Metric("cool_p50_ms", None if cool is None else cool * 1000, "ms", "lower"),
        Metric("hot_p50_ms", None if hot is None else hot * 1000, "ms", "lower", note=never),
        Metric("k", k, "1", "lower", note=never),
    )
