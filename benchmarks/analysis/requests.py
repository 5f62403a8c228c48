"""The requests of an offload run: where the time of each went, and under which split it ran."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.analysis.latency import WARM_UP_FLAG
from benchmarks.analysis.quantiles import quantiles_ms
from benchmarks.offloading.pipeline import LOCAL
from benchmarks.trace import Floats, Trace

MOST_POINTS = 400  # of a figure
LOCAL_FLAG = 2  # the phone finished what the peer did not


@dataclass(frozen=True, slots=True, eq=False)
class Requests:
    """The requests of a trial, in the order of their starts; NaN where nothing was sent."""

    t_s: Floats
    latency_s: Floats  # from the due time to the answer
    waited_s: Floats  # of that, until it was its turn
    away_s: Floats
    queue_s: Floats
    server_s: Floats
    sent: Floats
    received: Floats
    is_fallback: NDArray[np.bool_]
    is_failed: NDArray[np.bool_]
    cuts: tuple[str, ...]  # names of the splits in force at each request
    predicted_s: Floats

    @property
    def count(self) -> int:
        """How many there are."""
        return int(self.t_s.size)

    @property
    def served_s(self) -> Floats:
        """How long each took once it was its turn [s]; the wait is not its split's doing."""
        served: Floats = self.latency_s - self.waited_s
        return served

    @property
    def computed_s(self) -> Floats:
        """How long each took on the phone itself, before the server and after it [s]."""
        computed: Floats = self.served_s - np.nan_to_num(self.away_s)
        return computed

    @property
    def is_remote(self) -> NDArray[np.bool_]:
        """Which were answered by the peer."""
        return ~np.isnan(self.server_s)

    def details(self) -> dict[str, Any]:
        """Return what a page draws: where the time went per split, and what was chosen when."""
        parts = []
        for cut in dict.fromkeys(self.cuts):
            here = np.array([name == cut for name in self.cuts]) & ~self.is_fallback
            if here.any():
                parts.append(
                    {"cut": cut or "local", "requests": int(here.sum()), **self._bar(here)}
                )
        changes = [
            [float(self.t_s[n]), cut or "local"]
            for n, cut in enumerate(self.cuts)
            if n == 0 or self.cuts[n - 1] != cut
        ]
        return {
            "splits": parts,
            "chosen": changes,
            "answer_quantiles_ms": quantiles_ms(self.latency_s),
            "predictions_ms": self._predictions(),
            "rates_mbit_s": self._rates(),
            **self._by_minute(),
        }

    def _predictions(self) -> list[list[float]]:
        """Return predicted and actual time, once it was its turn, of some of the requests [ms]."""
        known = np.flatnonzero(~np.isnan(self.predicted_s) & ~self.is_fallback)
        return [[_ms(self.predicted_s[n]), _ms(self.served_s[n])] for n in _thinned(known)]

    def _rates(self) -> list[list[float]]:
        """Return when [s] which rate was seen [Mbit/s]; a round trip is part of it."""
        moving_s = self.away_s - self.server_s - np.nan_to_num(self.queue_s)
        bits = 8 * (self.sent + self.received)
        known = np.flatnonzero(self.is_remote & (moving_s > 0) & (bits > 0))
        return [
            [round(float(self.t_s[n]), 3), round(float(bits[n] / moving_s[n]) / 1e6, 4)]
            for n in _thinned(known)
        ]

    def _by_minute(self) -> dict[str, list[float | None]]:
        """Return the median answer and the server's mean work of each minute [ms]."""
        answers: list[float | None] = []
        server: list[float | None] = []
        minutes = int(self.t_s[-1] // 60) + 1 if self.count else 0
        for minute in range(minutes):
            first, last = np.searchsorted(self.t_s, (60 * minute, 60 * minute + 60))
            here = slice(int(first), int(last))
            is_empty = first == last
            answers.append(None if is_empty else _ms(np.median(self.latency_s[here])))
            server.append(None if is_empty else _ms(np.nan_to_num(self.server_s[here]).mean()))
        return {"answer_by_minute_ms": answers, "server_by_minute_ms": server}

    def _bar(self, here: NDArray[np.bool_]) -> dict[str, float]:
        """Return mean milliseconds per part, and kB per way, of the requests under one split."""
        server, queue = _mean(self.server_s[here]), _mean(self.queue_s[here])
        away = _mean(self.away_s[here])
        network = max(0.0, away - server - queue)
        whole, waited = _mean(self.latency_s[here]), _mean(self.waited_s[here])
        found = {
            "waiting": waited,
            "phone": whole - waited - away,
            "network": network,
            "queue": queue,
            "server": server,
        }
        crossed = {"sent": _mean(self.sent[here]), "received": _mean(self.received[here])}
        return {
            **{f"{name}_ms": round(value * 1000, 3) for name, value in found.items()},
            **{f"{name}_kb": round(value / 1000, 3) for name, value in crossed.items()},
        }


def _thinned(indexes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return at most so many of them as a page can carry."""
    return indexes[:: max(1, -(-indexes.size // MOST_POINTS))]


def _ms(seconds: np.floating[Any]) -> float:
    return round(float(seconds) * 1000, 3)


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else 0.0


def requests_of(trace: Trace) -> Requests:
    """Return the requests of a trace, warm-up left out."""
    latency = trace.get("inference.latency")
    if latency is None:
        nothing = np.empty(0)
        none = np.empty(0, np.bool_)
        return Requests(*(nothing,) * 8, none, none, (), nothing)

    def column(name: str) -> Floats:
        signal = trace.get(f"inference.{name}")
        return np.full(latency.t_s.shape, np.nan) if signal is None else signal.values

    flags = np.nan_to_num(column("flags")).astype(np.int64)
    counts = (flags & WARM_UP_FLAG == 0) & ~np.isnan(latency.values)
    t_s = latency.t_s[counts]
    cuts, predicted = _in_force(trace, t_s)
    waited_s = np.nan_to_num(column("queue"))[counts]
    return Requests(
        t_s=t_s,
        latency_s=latency.values[counts] + waited_s,
        waited_s=waited_s,
        away_s=column("network")[counts],
        queue_s=column("peer_queue")[counts],
        server_s=column("peer_compute")[counts],
        sent=column("sent")[counts],
        received=column("received")[counts],
        is_fallback=(flags & LOCAL_FLAG > 0)[counts],
        is_failed=(np.nan_to_num(column("err")) > 0)[counts],
        cuts=cuts,
        predicted_s=predicted,
    )


def _first(trace: Trace) -> tuple[float, str, float]:
    """Return the choice that was on the phone before the first request."""
    for event in trace.events_of("planned"):
        lane = event.data.get("lane", {})
        if "cut" in lane:
            return 0.0, str(lane.get("back") or lane["cut"]), float(event.data["predicted_s"])
    return 0.0, LOCAL, float("nan")


def _in_force(trace: Trace, t_s: Floats) -> tuple[tuple[str, ...], Floats]:
    """Return the split and the prediction that each request ran under.

    A choice comes in force with the phone's `applied` of its generation.
    """
    applied = {e.data.get("gen"): trace.seconds(e.t_ns) for e in trace.events_of("applied")}
    choices = [_first(trace)]
    for event in trace.events_of("action"):
        if event.data.get("action") == "SetSplit":
            since_s = applied.get(event.data.get("gen"), trace.seconds(event.t_ns))
            predicted = event.data.get("predicted_s")
            name = str(event.data.get("back") or event.data["cut"])
            choices.append((since_s, name, np.nan if predicted is None else predicted))
    starts = np.array([since_s for since_s, _, _ in choices])
    # A choice is in force from the very request whose start its event names.
    at = np.maximum(np.searchsorted(starts, t_s + 1e-6, "right") - 1, 0)
    return tuple(choices[n][1] for n in at), np.array([choices[n][2] for n in at])
