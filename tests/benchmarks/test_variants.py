"""What is said of a run that changed the size of its network."""

import numpy as np
import pytest

from benchmarks.analysis.decisions import decision_lag
from benchmarks.analysis.variants import shifting_details, shifting_metrics, shifting_of
from benchmarks.catalog.shifting_figures import shifting_figures
from benchmarks.figures import Figure, Subject
from benchmarks.trace import Trace, TraceBuilder
from devices.channels import Channel, Unit
from devices.samples import Batch, Event, Group

NS = 1_000_000_000
LARGE_S, SMALL_S, LOAD_S = 0.150, 0.025, 0.9


def trace() -> Trace:
    """Return a minute of large, a minute of idle-filled small, and a load of 0.9 s between."""
    starts = np.concatenate([np.arange(0, 60, LARGE_S), np.arange(60 + LOAD_S, 120, LARGE_S)])
    is_small = starts > 60
    columns = {
        Channel("inference.latency", Unit.SECOND, -6): np.where(is_small, SMALL_S, LARGE_S) * 1e6,
        Channel("inference.gen", Unit.ONE, 0): np.where(is_small, 2, 1),
    }
    raw = np.array([np.round(values).astype(np.int64) for values in columns.values()])
    settings = {"lane": 0, "us": 0, "period_us": 0}
    filled = {"lane": 0, "us": round(LOAD_S * 1e6), "period_us": round(LARGE_S * 1e6)}
    builder = TraceBuilder()
    return builder.extend(
        [
            Event(1, 0, 0, "started", {"lane": 0}),
            Group(1, 2, "infer", None, tuple(columns)),
            Batch(1, 2, 0, np.round(starts * NS).astype(np.int64), raw, raw >= 0),
            Event(1, 1, 0, "applied", {**settings, "gen": 1, "model": "large"}),
            Event(1, 2, 61 * NS, "applied", {**filled, "gen": 2, "model": "small"}),
            Event(1, -1, 60 * NS, "action", {"lag_s": 1.5}),
            Event(1, 3, 120 * NS, "idle", {"lane": 0}),
        ]
    ).build()


def test_an_idle_filled_answer_comes_as_often_as_a_large_one_and_loads_are_apart() -> None:
    seen = shifting_of(trace(), ("large", "small"))
    metrics = shifting_metrics(seen, {"large": 0.768, "small": 0.638}, "a paper")
    values = {metric.name: metric.value for metric in metrics}
    assert values["response_mean_ms"] == pytest.approx(150)
    assert values["response_cv"] == pytest.approx(0)
    assert values["fraction_large"] == pytest.approx(0.504, abs=0.005)
    assert values["accuracy_estimate"] == pytest.approx(0.638 + 0.130 * 0.504, abs=1e-3)
    assert values["shifts_per_hour"] == pytest.approx(30)
    assert values["loading_s"] == pytest.approx(LOAD_S)
    assert decision_lag(trace()).value == 1.5


def test_the_figure_has_pace_and_size_of_each_minute() -> None:
    details = shifting_details(shifting_of(trace(), ("large", "small")))
    figure, *_ = shifting_figures([Subject(1, 0, "a", {}, details), Subject(2, 0, "a", {}, {})])
    assert isinstance(figure, Figure)
    response, large = figure.panels
    assert response.lines[0].y == pytest.approx((150, 150))
    assert large.lines[0].y == (100.0, 0.0)
