"""The detector of throttling, on soaks whose throttling is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.analysis.metrics import Metric
from benchmarks.analysis.throttling import Throttling, detect, spans_of, throttling_metrics
from tests.benchmarks.soaks import CAP_KHZ, Soak, trace_of

SPANS = ((200.0, 300.0), (400.0, 550.0))


def metrics_of(soak: Soak) -> dict[str, Metric]:
    trace = trace_of(soak)
    return {metric.name: metric for metric in throttling_metrics(trace, detect(trace))}


def starts_of(seen: Throttling) -> list[float]:
    return [span.start_s for span in seen.spans]


def test_finds_the_spans_that_were_put_in() -> None:
    seen = detect(trace_of(Soak(spans=SPANS)))
    assert starts_of(seen) == pytest.approx([200.0, 400.0], abs=0.11)
    assert [span.end_s for span in seen.spans] == pytest.approx([300.0, 550.0], abs=0.11)
    assert seen.fraction == pytest.approx(250 / 600, abs=0.001)


def test_reports_onset_share_and_what_it_cost() -> None:
    metrics = metrics_of(Soak(spans=SPANS))
    assert metrics["first_throttle_s"].value == pytest.approx(200.0, abs=0.11)
    assert metrics["cool_p50_ms"].value == pytest.approx(150.0)
    assert metrics["hot_p50_ms"].value == pytest.approx(267.0)
    assert metrics["k"].value == pytest.approx(1.78)
    assert metrics["throttled_spans"].value == 2


def test_an_onset_that_never_came_is_censored_and_not_zero() -> None:
    metrics = metrics_of(Soak())
    assert metrics["first_throttle_s"].value is None
    assert "censored" in metrics["first_throttle_s"].note
    assert metrics["throttled_fraction"].value == 0
    assert metrics["k"].value is None


def test_a_cap_that_predates_the_run_is_not_throttling() -> None:
    soak = Soak(spans=((0.0, 600.0),), slows=False, delays=False, start_cap_khz=CAP_KHZ)
    assert detect(trace_of(soak)).spans == ()


def test_a_cap_on_a_cluster_that_rests_is_not_throttling() -> None:
    soak = Soak(spans=SPANS, slows=False, delays=False, utilization_pm=10)
    assert detect(trace_of(soak)).spans == ()


def test_a_slow_clock_alone_is_a_governor() -> None:
    assert detect(trace_of(Soak(spans=SPANS, caps=False, delays=False))).spans == ()


def test_a_slow_answer_alone_is_not_throttling() -> None:
    assert detect(trace_of(Soak(spans=SPANS, caps=False, slows=False))).spans == ()


def test_a_slow_clock_with_slow_answers_is_throttling_without_any_cap() -> None:
    seen = detect(trace_of(Soak(spans=SPANS, caps=False)))
    # Half of the rolling 10 s must be slow before its median is.
    assert starts_of(seen) == pytest.approx([206.0, 406.0], abs=3)


def test_two_slow_samples_are_too_few() -> None:
    dip = ((300.0, 300.15),)
    assert detect(trace_of(Soak(spans=dip, caps=False))).slowed is not None
    assert not np.any(detect(trace_of(Soak(spans=dip, caps=False))).slowed)
    assert np.any(detect(trace_of(Soak(spans=((300.0, 300.45),), caps=False))).slowed)


def test_without_a_sensor_nothing_is_claimed() -> None:
    blind = frozenset({"cpu.big.frequency", "cpu.big.frequency_cap"})
    metrics = metrics_of(Soak(spans=SPANS, without=blind))
    assert metrics["throttled_fraction"].value is None
    assert "no sensor" in metrics["throttled_fraction"].note


def test_details_are_spans_in_seconds_of_the_soak() -> None:
    details = detect(trace_of(Soak(spans=SPANS))).details()
    assert len(details["throttled"]) == 2
    assert set(details["signs"]) == {"capped", "slowed", "delayed"}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(60, 299), min_size=2, max_size=8, unique=True))
def test_measured_share_is_the_share_put_in(bounds: list[int]) -> None:
    edges = sorted(bounds)
    spans = tuple((float(a), float(b)) for a, b in zip(edges[::2], edges[1::2], strict=False))
    seen = detect(trace_of(Soak(duration_s=300.0, spans=spans)))
    wanted = sum(end - start for start, end in spans) / 300.0
    assert seen.fraction == pytest.approx(wanted, abs=0.002 * len(spans))
    assert 0.0 <= seen.fraction <= 1.0
    assert all(span.start_s < span.end_s for span in seen.spans)


@given(st.lists(st.booleans(), max_size=50))
def test_spans_cover_exactly_the_moments_that_are_on(flags: list[bool]) -> None:
    t_s = np.arange(len(flags), dtype=float)
    spans = spans_of(t_s, np.array(flags, np.bool_), len(flags))
    covered = [any(span.start_s <= t < span.end_s for span in spans) for t in t_s]
    assert covered == flags
