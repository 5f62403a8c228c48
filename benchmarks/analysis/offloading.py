"""What dividing inferences between a phone and a server gave; pure functions of a trace."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.analysis.best_split import best_split, kept, phone_s
from benchmarks.analysis.deadlines import dropped_slots
from benchmarks.analysis.metrics import Metric
from benchmarks.analysis.prediction import prediction_error
from benchmarks.analysis.requests import Requests
from benchmarks.analysis.validity import Reason, Word
from benchmarks.offloading.estimates import Estimates
from benchmarks.offloading.part_times import PartTimes
from benchmarks.offloading.pipeline import Pipeline
from benchmarks.trace import Trace

USUAL_RTT_US = 20_000.0  # of a map, where the peer told none
WRONG_BY = 1.05  # a choice that takes longer than the best one by more than this is wrong [1]


@dataclass(frozen=True, slots=True)
class Offered:
    """What a run's policy could choose from, and what was wanted."""

    pipeline: Pipeline
    sla_s: float


def offload_metrics(trace: Trace, found: Requests, offered: Offered) -> Sequence[Metric]:
    """Return level, cloud, transfers, predictions and how far from the best the choices were."""
    return (
        _level(found, offered.sla_s, dropped_slots(trace)),
        Metric("requests", float(found.count), "1", "higher"),
        *_percentiles(found),
        *_cloud(trace, found),
        _share("remote_share", found.is_remote, None),
        Metric("fallbacks", float(found.is_fallback.sum()), "1", "lower"),
        *_bytes(found),
        _prediction(found),
        *_regret(found, offered.pipeline, _round_trip_s(trace)),
        _recovery(trace, found),
    )


def _level(found: Requests, sla_s: float, dropped: int) -> Metric:
    """Return the share of answers in time; who went away unanswered had none."""
    asked = found.count + dropped
    hits = int(((found.latency_s <= sla_s) & ~found.is_failed).sum())
    note = f"{asked - hits} of {asked} missed, {dropped} of them never answered"
    return Metric("sla_hit", hits / asked if asked else None, "1", "higher", note=note)


def _percentiles(found: Requests) -> Iterator[Metric]:
    for share in (50, 95):
        value = float(np.percentile(found.latency_s, share)) * 1000 if found.count else None
        yield Metric(f"answer_p{share}_ms", value, "ms", "lower", note="from due time to answer")


def _share(name: str, is_so: NDArray[np.bool_], better: Any) -> Metric:
    return Metric(name, float(is_so.mean()) if is_so.size else None, "1", better)


def _cloud(trace: Trace, found: Requests) -> Iterator[Metric]:
    """Return what the server computed per request, and how much less than if it did all."""
    if not found.count:
        yield Metric("cloud_ms", None, "ms", "lower", note="no request")
        return
    spent_ms = float(np.nansum(found.server_s)) * 1000 / found.count
    yield Metric("cloud_ms", spent_ms, "ms", "lower", "peer", "its processor, per request")
    whole_ms = _whole_ms(trace)
    saved = 1 - spent_ms / whole_ms if whole_ms else None
    note = "against all of the network there" if whole_ms else "the peer did not tell its speed"
    yield Metric("cloud_saved", saved, "1", "higher", "peer", note)


def _whole_ms(trace: Trace) -> float | None:
    """Return what the server needs for the whole network, as it said before the run [ms]."""
    compute_us = _met(trace).get("compute_us")
    return compute_us / 1000 if compute_us else None


def offload_details(trace: Trace, found: Requests, offered: Offered) -> dict[str, Any]:
    """Return what a page draws: where the time went, what was chosen, and what would be best."""
    details = {**found.details(), "kept": kept(found, offered.pipeline)}
    words = {split.name or "local": split.words for split in offered.pipeline.splits}
    for part in details["splits"]:
        part["words"] = words.get(part["cut"], part["cut"])
    device_s, server_ms = phone_s(found, offered.pipeline), _whole_ms(trace)
    if device_s is not None and server_ms:
        server_s = server_ms / 1000
        rtt_s = float(_met(trace).get("rtt_us") or USUAL_RTT_US) / 1e6
        details["best_split"] = best_split(
            offered.pipeline.packed(_met(trace).get("packed", {})),
            device_s=device_s,
            server_s=server_s,
            rtt_s=rtt_s,
        )
    return details


def _met(trace: Trace) -> Mapping[str, Any]:
    """Return what the phone learned of its peer before the load."""
    baselines = trace.events_of("baseline")
    return (baselines[-1].data.get("peer") or {}) if baselines else {}


def _bytes(found: Requests) -> Iterator[Metric]:
    for name, moved in (("sent_kb", found.sent), ("received_kb", found.received)):
        value = float(np.nansum(moved)) / found.count / 1000 if found.count else None
        yield Metric(name, value, "kB", "lower", note="per request")


def _prediction(found: Requests) -> Metric:
    """Return the mean absolute error of the predictions, over requests that had one."""
    predicted_s = np.where(found.is_fallback, np.nan, found.predicted_s)
    return prediction_error(found.served_s, predicted_s, "per request, its turn awaited")


def _regret(found: Requests, pipeline: Pipeline, rtt_s: float) -> Iterator[Metric]:
    """Return how much longer requests took than with the best split at the rates of the moment."""
    regrets = [
        (float(found.served_s[n]) - best_s) / best_s
        for n, best_s in _best_s(found, pipeline, rtt_s)
        if best_s > 0
    ]
    note = "against the fastest split at the rates that this run measured, once it was its turn"
    value = float(np.mean(regrets)) if regrets else None
    yield Metric("regret", value, "1", "lower", note=note)
    wrong = [regret > WRONG_BY - 1 for regret in regrets]
    share = float(np.mean(wrong)) if wrong else None
    yield Metric(
        "wrong_splits", share, "1", "lower", note=f"slower by more than {WRONG_BY - 1:.0%}"
    )


def _best_s(found: Requests, pipeline: Pipeline, rtt_s: float) -> Iterator[tuple[int, float]]:
    """Yield per request the time of the best split [s], once both sides have been measured."""
    splits = {split.name: split for split in pipeline.splits}
    phone, server = PartTimes(0.0), PartTimes(0.0)
    bit_s = 0.0
    for n in range(found.count):
        split = splits.get(found.cuts[n])
        if split is None or found.is_fallback[n]:
            continue
        if split.device_work > 0 and found.computed_s[n] > 0:
            phone.learn(split.device_work, float(found.computed_s[n]), 1.0)
        if found.is_remote[n] and split.server_work > 0:
            server.learn(split.server_work, float(found.server_s[n]), 1.0)
            bit_s = _rate_bit_s(found, n, rtt_s)
        if phone.is_measured and server.is_measured:
            estimates = Estimates(0.0, 0.0, bit_s, bit_s, rtt_s)
            estimates.phone, estimates.server = phone, server
            yield n, min(estimates.predict(split).total for split in pipeline.splits)


def _round_trip_s(trace: Trace) -> float:
    """Return the round trip that the phone has usually measured [s]; 0 where it told none."""
    told = trace.get("network.rtt")
    known = told.values[~np.isnan(told.values)] if told is not None else np.empty(0)
    return float(np.median(known)) if known.size else 0.0


def _rate_bit_s(found: Requests, n: int, rtt_s: float) -> float:
    """Return the rate at which the bytes of one request moved, its round trip aside [bit/s].

    A round trip that was shorter than usual leaves a tenth of the time to the bytes, at least.
    """
    away_s = float(found.away_s[n] - found.server_s[n] - found.queue_s[n])
    moving_s = max(away_s - rtt_s, 0.1 * away_s, 1e-6)
    return 8 * float(found.sent[n] + found.received[n]) / moving_s


def _recovery(trace: Trace, found: Requests) -> Metric:
    """Return how long after the peer had gone it answered again."""
    downs = [trace.seconds(e.t_ns) for e in trace.events_of("peer") if e.data["state"] == "down"]
    if not downs:
        return Metric("recovery_s", None, "s", "lower", note="the peer never went away")
    back = found.t_s[found.is_remote & (found.t_s > downs[-1])]
    if not back.size:
        return Metric("recovery_s", None, "s", "lower", note="censored: it never came back")
    return Metric("recovery_s", float(back[0]) - downs[-1], "s", "lower")


def offload_reasons(trace: Trace, found: Requests, sla_s: float) -> tuple[Reason, ...]:
    """Return what a reader must know of the peer before believing the numbers."""
    reasons = []
    if _met(trace).get("synthetic"):
        sentence = (
            "Synthetic tensor: bytes of the right size went to the server, nobody computed them; "
            "times of network and server are the phone's model."
        )
        reasons.append(Reason("synthetic_tensor", Word.VALID, sentence))
    if found.is_fallback.any():
        share = float(found.is_fallback.mean())
        sentence = f"{int(found.is_fallback.sum())} requests were finished on the phone: no answer."
        reasons.append(Reason("fallback", Word.DEGRADED, sentence, share=share))
    if found.count and not (found.latency_s <= sla_s).any():
        fastest_ms = float(found.latency_s.min()) * 1000
        sentence = (
            f"No answer came within {sla_s * 1000:g} ms, the fastest took {fastest_ms:.0f} ms: "
            "raise sla_ms, or give the phone a faster network."
        )
        reasons.append(Reason("level_never_kept", Word.DEGRADED, sentence))
    return tuple(reasons)
