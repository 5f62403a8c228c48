"""When a soak stopped changing, and how it keeps its deadlines."""

import numpy as np
import pytest

from benchmarks.analysis.latency import inferences
from benchmarks.analysis.metrics import Metric
from benchmarks.analysis.minutes import latency_by_minute
from benchmarks.analysis.punctuality import punctuality_metrics
from benchmarks.analysis.steady_state import steady_metrics
from benchmarks.catalog.thermal_soak import ThermalSoak
from tests.benchmarks.soaks import Soak, trace_of


def by_name(metrics: object) -> dict[str, Metric]:
    assert isinstance(metrics, tuple)
    return {metric.name: metric for metric in metrics}


def test_a_soak_that_throttles_once_and_for_all_is_steady_from_then_on() -> None:
    found = by_name(steady_metrics(trace_of(Soak(duration_s=3600, spans=((600, 3600),)))))
    assert found["steady_after_s"].value == 600
    assert found["steady_p50_ms"].value == pytest.approx(267, abs=0.5)


def test_a_soak_that_never_changes_is_steady_from_its_start() -> None:
    assert by_name(steady_metrics(trace_of(Soak())))["steady_after_s"].value == 0.0


def test_a_fast_hysteresis_is_steady_and_a_slow_one_is_not() -> None:
    fast = tuple((float(s), s + 30.0) for s in range(300, 3600, 60))
    slow = tuple((float(s), s + 700.0) for s in range(300, 3600, 1400))
    found = by_name(steady_metrics(trace_of(Soak(duration_s=3600, spans=fast))))
    assert found["steady_after_s"].value == 300
    found = by_name(steady_metrics(trace_of(Soak(duration_s=3600, spans=slow))))
    assert found["steady_after_s"].value is None
    assert "censored" in found["steady_after_s"].note


def test_a_phone_that_changes_at_the_very_end_never_was_steady() -> None:
    found = by_name(steady_metrics(trace_of(Soak(duration_s=3600, spans=((3300, 3600),)))))
    assert found["steady_after_s"].value is None


def test_each_minute_has_its_median() -> None:
    minutes = latency_by_minute(trace_of(Soak(duration_s=200, spans=((120, 200),))))
    assert minutes == [150.0, 150.0, 267.0]


def test_a_paced_soak_says_how_it_keeps_its_pace() -> None:
    trace = trace_of(Soak(duration_s=100, spans=((50, 100),)))
    found = {m.name: m for m in ThermalSoak(period_ms=200, duration_s=100).analyze(trace).metrics}
    hits = float((inferences(trace).latency_s <= 0.2).mean())
    assert 0.5 < hits < 0.8
    assert found["deadline_hit"].value == pytest.approx(hits)
    assert found["punctuality_p50"].value == pytest.approx(0.75)
    unpaced = {m.name for m in ThermalSoak(duration_s=100).analyze(trace).metrics}
    assert "deadline_hit" not in unpaced


def test_punctuality_without_an_inference_is_no_number() -> None:
    assert by_name(punctuality_metrics(np.empty(0), 0.1))["deadline_hit"].value is None
