"""Regret and cloud time of divided requests, from traces made by hand."""

from collections.abc import Mapping

import numpy as np
import pytest

from benchmarks.analysis.offloading import Offered, offload_metrics
from benchmarks.analysis.requests import requests_of
from benchmarks.offloading.pipeline import Pipeline, Split
from benchmarks.trace import Floats, Signal, Trace
from devices.channels import Channel, Unit
from devices.samples import Event

NAN = float("nan")
#: Four iterations and a decoder: a phone of 500 ms, a server of 100 ms, 20 ms of network each way.
PICTURES = Pipeline(
    (
        Split("noise", 0.0, 1.0, 1_000, 200_000, True),
        Split("step1", 0.6, 0.4, 1_000, 24_000, True, "noise", 2),
        Split("step3", 0.2, 0.8, 1_000, 24_000, True, "noise", 4),
        Split("", 1.0, 0.0),
    )
)
RATE_BIT_S, RTT_S = 10e6, 0.02


def trace_of(requests: list[tuple[str, float]]) -> Trace:
    """Return requests under these splits, each with what the phone itself needed [s]."""
    rows = [_row(PICTURES.named(name), phone_s) for name, phone_s in requests]
    t_s = np.arange(len(rows), dtype=float)
    signals = {
        f"inference.{name}": _signal(name, t_s, [row[name] for row in rows]) for name in rows[0]
    }
    signals["network.rtt"] = _signal("network.rtt", t_s, [RTT_S] * len(rows))
    events = []
    for n, (name, _) in enumerate(requests):
        split, t_ns = PICTURES.named(name), n * 1_000_000_000
        told = {"action": "SetSplit", "cut": split.cut, "back": split.back, "gen": n + 2}
        events.append(Event(trial=1, i=-1, t_ns=t_ns, kind="action", data=told))
        events.append(Event(trial=1, i=n, t_ns=t_ns, kind="applied", data={"gen": n + 2}))
    return Trace(signals, tuple(events), duration_s=float(len(rows)))


def _row(split: Split, phone_s: float) -> Mapping[str, float]:
    if split.is_local:
        away = dict.fromkeys(("network", "peer_queue", "peer_compute", "sent", "received"), NAN)
        return {"latency": phone_s, "flags": 0.0, **away}
    server_s = 0.1 * split.server_work
    away_s = RTT_S + 8 * split.moved_bytes / RATE_BIT_S + server_s
    return {
        "latency": phone_s + away_s,
        "flags": 0.0,
        "network": away_s,
        "peer_queue": 0.0,
        "peer_compute": server_s,
        "sent": float(split.sent_bytes),
        "received": float(split.received_bytes),
    }


def _signal(name: str, t_s: Floats, values: list[float]) -> Signal:
    return Signal(Channel(name, Unit.SECOND, 0, name), t_s, np.array(values))


def numbers(requests: list[tuple[str, float]]) -> dict[str, float]:
    trace = trace_of(requests)
    metrics = offload_metrics(trace, requests_of(trace), Offered(PICTURES, 1.0))
    return {metric.name: metric.value for metric in metrics if metric.value is not None}


def test_the_fastest_split_regrets_nothing() -> None:
    """All iterations there: 80 ms of server, 100 of phone, 40 of network; the picture takes 161."""
    found = numbers([("step3", 0.1)] * 5)
    assert found["regret"] == pytest.approx(0.0, abs=1e-9)
    assert found["wrong_splits"] == 0.0
    assert found["cloud_ms"] == pytest.approx(80.0)


def test_staying_on_the_phone_is_regretted_once_the_server_is_known() -> None:
    """Before that there is nothing to compare with."""
    found = numbers([("step3", 0.1), ("", 0.5), ("", 0.5)])
    best_s = 0.1 + 0.08 + RTT_S + 8 * 25_000 / RATE_BIT_S
    assert found["regret"] == pytest.approx((0.5 / best_s - 1) * 2 / 3)
    assert found["wrong_splits"] == pytest.approx(2 / 3)


def test_a_larger_answer_is_judged_by_the_rate_without_the_round_trip() -> None:
    """The picture has eight times the bytes, and not eight times the round trip."""
    found = numbers([("step3", 0.4), ("step3", 0.4)])
    picture_s = 0.1 + RTT_S + 8 * 201_000 / RATE_BIT_S
    served_s = 0.4 + 0.08 + RTT_S + 8 * 25_000 / RATE_BIT_S
    assert found["regret"] == pytest.approx(served_s / picture_s - 1)


def test_a_part_that_takes_longer_than_its_work_says_is_believed() -> None:
    """A fifth of the work took three tenths of the time: the best is no better than that."""
    found = numbers([("step3", 0.15), ("", 0.5)])
    best_s = 0.15 + 0.08 + RTT_S + 8 * 25_000 / RATE_BIT_S
    assert found["regret"] == pytest.approx((0.5 / best_s - 1) / 2)
