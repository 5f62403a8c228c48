"""Latency, throughput, energy and temperature of soaks whose numbers are known."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.analysis.energy import energy_metric
from benchmarks.analysis.latency import inferences, latency_metrics, sustained_metrics
from benchmarks.analysis.metrics import Metric
from benchmarks.analysis.temperatures import temperature_metrics
from benchmarks.trace import Signal, Trace, TraceBuilder
from tests.benchmarks.soaks import Soak, baseline, items, trace_of


def by_name(metrics: object) -> dict[str, Metric]:
    assert isinstance(metrics, tuple)
    return {metric.name: metric for metric in metrics}


def with_column(trace: Trace, name: str, values: dict[int, float]) -> Trace:
    signal = trace.signals[name]
    changed = signal.values.copy()
    for row, value in values.items():
        changed[row] = value
    return replace(
        trace, signals={**trace.signals, name: Signal(signal.channel, signal.t_s, changed)}
    )


def test_percentiles_are_those_of_the_inferences() -> None:
    metrics = by_name(latency_metrics(trace_of(Soak(duration_s=60.0, jitter_us=30_000))))
    assert metrics["p50_ms"].value == pytest.approx(150.0)
    assert metrics["p99_ms"].value == pytest.approx(180.0)
    assert metrics["mean_ms"].value == pytest.approx(150.0, rel=0.001)


def test_p99_needs_a_hundred_inferences() -> None:
    metrics = by_name(latency_metrics(trace_of(Soak(duration_s=10.0))))
    assert metrics["p99_ms"].value is None
    assert "100 are needed" in metrics["p99_ms"].note
    assert metrics["p95_ms"].value == pytest.approx(150.0)


def test_warm_ups_and_failures_do_not_count() -> None:
    trace = trace_of(Soak(duration_s=30.0))
    slow = with_column(trace, "inference.latency", {0: 9.0, 5: 9.0})
    marked = with_column(slow, "inference.flags", {0: 1.0})
    marked = with_column(marked, "inference.err", {5: 17.0})
    found = inferences(marked)
    assert found.failed == 1
    assert found.latency_s.max() == pytest.approx(0.150)
    assert found.latency_s.size == trace.signals["inference.latency"].values.size - 2


def test_other_flags_count() -> None:
    trace = with_column(trace_of(Soak(duration_s=30.0)), "inference.flags", {3: 8.0})
    assert inferences(trace).latency_s.size == trace.signals["inference.flags"].values.size


def test_sustained_ratio_compares_the_last_quarter_with_the_first_minute() -> None:
    metrics = by_name(sustained_metrics(trace_of(Soak(spans=((450.0, 600.0),)))))
    assert metrics["sustained_ratio"].value == pytest.approx(1 / 1.78, rel=0.005)


@settings(max_examples=10, deadline=None)
@given(st.integers(20_000, 400_000))
def test_throughput_is_the_inverse_of_latency_back_to_back(cool_us: int) -> None:
    metrics = by_name(sustained_metrics(trace_of(Soak(duration_s=240.0, cool_us=cool_us))))
    assert metrics["first_throughput"].value == pytest.approx(1e6 / cool_us, rel=1e-6)
    assert metrics["sustained_ratio"].value == pytest.approx(1.0, rel=1e-6)


def test_energy_of_constant_power_is_power_times_period() -> None:
    metric = energy_metric(trace_of(Soak(duration_s=300.0, power_mw=4_500)))
    assert metric.value == pytest.approx(4.5 * 150.0, rel=0.001)
    assert metric.source == "physics"


def test_energy_falls_back_to_the_fuel_gauge_and_says_so() -> None:
    metric = energy_metric(trace_of(Soak(duration_s=300.0, power_mw=None)))
    assert metric.source == "gauge"
    assert metric.value == pytest.approx(1.2 * 3.8 * 150.0, rel=0.001)


def test_no_energy_is_claimed_while_charging() -> None:
    metric = energy_metric(trace_of(Soak(current_ua=900_000)))
    assert metric.value is None
    assert "charging" in metric.note


def test_no_energy_is_claimed_without_a_meter() -> None:
    blind = frozenset({"battery.current", "battery.voltage"})
    metric = energy_metric(trace_of(Soak(power_mw=None, without=blind)))
    assert (metric.value, metric.source) == (None, "none")


def test_peak_temperature_names_its_zone() -> None:
    metrics = by_name(temperature_metrics(trace_of(Soak(duration_s=60.0))))
    assert metrics["peak_temperature_c"].value == pytest.approx(70.006)
    assert metrics["peak_temperature_c"].source == "thermal:soc"
    assert metrics["peak_skin_c"].source == "thermal:skin"
    assert metrics["peak_battery_c"].value is None


def test_without_a_zone_of_that_name_the_skin_is_what_android_takes_for_it() -> None:
    unnamed = Soak(duration_s=60.0, without=frozenset({"zone.skin.temperature"}))
    told = TraceBuilder().extend([baseline(skins=["thermal:soc"]), *items(unnamed)]).build()
    peaks = [by_name(temperature_metrics(t))["peak_skin_c"] for t in (told, trace_of(unnamed))]
    assert peaks[0].value == pytest.approx(70.006)
    assert peaks[0].source == "thermal:soc"
    assert peaks[1].value is None, "the control: nobody told"


def test_impossible_temperatures_are_no_peak() -> None:
    trace = with_column(
        trace_of(Soak(duration_s=60.0)), "zone.soc.temperature", {100: 214.0, 120: np.nan}
    )
    assert by_name(temperature_metrics(trace))["peak_temperature_c"].value == pytest.approx(70.006)
