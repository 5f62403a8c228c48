"""What a run did that changed the size of its network: how often, how long, and how accurate.

Notes:
    The response of an inference is its latency, or the period that it was made to wait for, if
    that is longer: an answer that is idle-filled to 150 ms comes every 150 ms. Reading the weights
    of another variant is counted apart and is in no response.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.analysis.latency import Inferences, inferences
from benchmarks.analysis.metrics import Metric
from benchmarks.analysis.minutes import MINUTE_S
from benchmarks.analysis.quantiles import quantiles_ms
from benchmarks.analysis.throttling import Throttling
from benchmarks.trace import Floats, Trace
from devices.samples import Event

_HOUR_S = 3600.0


def k_of_means(found: Inferences, seen: Throttling) -> float | None:
    """Return mean hot ÷ mean cool latency; None if it never throttled, or always did.

    The closed form is about means. On a phone with two clocks they are the medians; on one that
    throttles step by step, the median names one of the steps.
    """
    hot = seen.contains(found.t_s)
    if not hot.any() or hot.all():
        return None
    return float(found.latency_s[hot].mean() / found.latency_s[~hot].mean())


def possible_gain(trace: Trace, seen: Throttling) -> Metric:
    """Return φ·(1 − 1/k) of a run of one variant: what holding its cool latency would gain."""
    k = k_of_means(inferences(trace), seen)
    if k is None:
        return Metric("possible_gain", None, "1", note="does not throttle: nothing to gain")
    note = f"φ(1 − 1/k) with k = {k:.2f} of means, as shifting could gain at most"
    return Metric("possible_gain", seen.fraction * (1 - 1 / k), "1", note=note)


@dataclass(frozen=True, slots=True)
class Shift:
    """One change of variant, as the phone carried it out."""

    at_s: float  # when the first inference of the new variant began [s since the load started]
    variant: str
    load_s: float  # what reading its weights took [s]


@dataclass(frozen=True, slots=True, eq=False)
class Shifting:
    """The inferences of a run by variant."""

    t_s: Floats  # [n], their starts
    response_s: Floats  # [n]
    variant: NDArray[np.int64]  # [n], index into `variants`
    variants: tuple[str, ...]
    shifts: tuple[Shift, ...]
    duration_s: float

    def share(self, variant: str) -> float | None:
        """Return a variant's share of all inferences."""
        if not self.variant.size or variant not in self.variants:
            return None
        return float((self.variant == self.variants.index(variant)).mean())


def shifting_of(trace: Trace, variants: Sequence[str]) -> Shifting:
    """Return what each inference ran, at which pace, and when that changed."""
    applied = [event for event in trace.events_of("applied") if event.data.get("lane", 0) == 0]
    latency, gen = trace.get("inference.latency"), trace.get("inference.gen")
    if latency is None or gen is None or not applied:
        nothing = np.empty(0)
        return Shifting(nothing, nothing, np.empty(0, np.int64), tuple(variants), (), 0.0)
    order = {int(event.data["gen"]): event for event in applied}
    known = np.array(sorted(order))
    # Settings that a later change overtook have no event: the next known generation has them.
    row = np.minimum(np.searchsorted(known, gen.values), known.size - 1)
    periods = np.array([order[g].data.get("period_us", 0) / 1e6 for g in known])
    models = np.array([_index(order[g], variants) for g in known])
    good = ~np.isnan(latency.values)
    return Shifting(
        latency.t_s[good],
        np.maximum(latency.values, periods[row])[good],
        models[row][good],
        tuple(variants),
        tuple(_shifts(trace, applied)),
        trace.duration_s,
    )


def _index(event: Event, variants: Sequence[str]) -> int:
    name = str(event.data["model"])
    return variants.index(name) if name in variants else -1


def _shifts(trace: Trace, applied: Sequence[Event]) -> list[Shift]:
    """Return every change of variant; the first order of a lane is none."""
    shifts, before = [], None
    for event in applied:
        variant = str(event.data["model"])
        if before is not None and variant != before:
            load_s = float(event.data.get("us", 0)) / 1e6
            shifts.append(Shift(trace.seconds(event.t_ns), variant, load_s))
        before = variant
    return shifts


def shifting_metrics(
    seen: Shifting, accuracies: Mapping[str, float], source: str
) -> Sequence[Metric]:
    """Return pace, shifts, their cost, and the accuracy that the mix of variants would have."""
    mean, cv = _spread(seen.response_s)
    loads = np.array([shift.load_s for shift in seen.shifts])
    pair = ", ".join(f"{accuracy:g}" for accuracy in accuracies.values())
    return (
        Metric("response_mean_ms", mean, "ms", "lower", note="idle filling included, loads not"),
        Metric("response_cv", cv, "1", "lower", note="loads excluded"),
        Metric("accuracy_estimate", _accuracy(seen, accuracies), "1", "higher", source="published",
               note=f"{pair}: {source}"),
        Metric("fraction_large", seen.share(seen.variants[0]), "1", "higher",
               note=f"inferences of {seen.variants[0]}"),
        Metric("shifts_per_hour", _per_hour(seen), "1/h", "lower"),
        Metric("loading_s", float(loads.sum()), "s", "lower", note=f"{loads.size} shifts"),
    )  # fmt: skip


def shifting_details(seen: Shifting) -> dict[str, object]:
    """Return what pages draw: the shifts [s since the load started], and each whole minute."""
    minutes = [_minute(seen, number) for number in range(int(seen.duration_s // MINUTE_S))]
    return {
        "shifts": [[shift.at_s, shift.variant, shift.load_s] for shift in seen.shifts],
        "response_by_minute_ms": [response for response, _ in minutes],
        "large_by_minute": [share for _, share in minutes],
        "response_quantiles_ms": quantiles_ms(seen.response_s),
    }


def _minute(seen: Shifting, number: int) -> tuple[float | None, float | None]:
    """Return the mean response [ms] and the share of the largest variant in one minute."""
    first, last = np.searchsorted(seen.t_s, (number * MINUTE_S, (number + 1) * MINUTE_S))
    if first == last:
        return None, None
    response = float(seen.response_s[first:last].mean()) * 1000
    return round(response, 3), round(float((seen.variant[first:last] == 0).mean()), 4)


def _spread(values: Floats) -> tuple[float | None, float | None]:
    if values.size < 2:
        return None, None
    return float(values.mean()) * 1000, float(values.std() / values.mean())


def _accuracy(seen: Shifting, accuracies: Mapping[str, float]) -> float | None:
    shares = {name: seen.share(name) for name in accuracies}
    known = {name: share for name, share in shares.items() if share is not None}
    if not known:
        return None
    return sum(accuracies[name] * share for name, share in known.items())


def _per_hour(seen: Shifting) -> float | None:
    return len(seen.shifts) / seen.duration_s * _HOUR_S if seen.duration_s else None
