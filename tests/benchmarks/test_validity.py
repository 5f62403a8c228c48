"""The verdict: what makes a run degraded or invalid, and what does not."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from benchmarks.analysis.validity import Verdict, Word, judge
from benchmarks.trace import Signal, Trace, TraceBuilder
from devices.samples import Event
from tests.benchmarks.soaks import NS, START_NS, Soak, baseline, items, trace_of


def verdict_from(start: Event, soak: Soak | None = None) -> Verdict:
    return judge(TraceBuilder().extend([start, *items(soak or Soak())]).build())


def names_of(verdict: Verdict) -> list[str]:
    return [reason.name for reason in verdict.reasons]


def without_rows(trace: Trace, name: str, rows: slice) -> Trace:
    signal = trace.signals[name]
    values = signal.values.copy()
    values[rows] = np.nan
    return replace(
        trace, signals={**trace.signals, name: Signal(signal.channel, signal.t_s, values)}
    )


def test_a_clean_soak_is_valid() -> None:
    assert judge(trace_of(Soak())) == Verdict(Word.VALID)


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        (baseline("no_sensor"), "no_sensor"),
        (baseline("timed_out"), "cooldown_timeout"),
        (baseline("off"), "start_unchecked"),
        (baseline(capped=["cpu.big.frequency_cap"]), "throttled_before_start"),
        (baseline(screen_on=True), "screen_on"),
        (baseline(clock_error_ns=30_000_000), "clock_unsynced"),
        (baseline(clock_error_ns=900_000_000, clock_rate=20.0), "clock_unsynced"),
    ],
)
def test_a_start_that_was_not_as_asked_degrades(start: Event, reason: str) -> None:
    verdict = verdict_from(start)
    assert (verdict.word, names_of(verdict)) == (Word.DEGRADED, [reason])
    assert verdict.reasons[0].sentence.endswith(".")


def test_a_fast_phone_may_be_read_more_coarsely_in_its_own_time() -> None:
    start = baseline(clock_error_ns=200_000_000, clock_rate=100.0)
    assert verdict_from(start).word is Word.VALID


def test_a_start_that_nobody_measured_degrades() -> None:
    assert names_of(judge(TraceBuilder().extend(items(Soak())).build())) == ["no_baseline"]


def test_rows_that_the_phone_counted_and_we_lack_are_gaps() -> None:
    trace = trace_of(Soak())
    few = replace(trace, rows={key: rows - 1 for key, rows in trace.rows.items()})
    many = replace(trace, rows={key: rows // 2 for key, rows in trace.rows.items()})
    assert judge(few).word is Word.DEGRADED
    assert judge(many).word is Word.INVALID
    assert names_of(judge(many)) == ["gaps", "gaps"]
    assert judge(many).reasons[0].share == pytest.approx(0.5, abs=0.01)


def test_a_hole_in_the_readings_is_a_gap() -> None:
    trace = trace_of(Soak())
    kept = np.r_[0:2000, 2500:6060]
    signals = {
        name: signal
        if name.startswith("inference.")
        else Signal(signal.channel, signal.t_s[kept], signal.values[kept])
        for name, signal in trace.signals.items()
    }
    verdict = judge(replace(trace, signals=signals))
    assert (verdict.word, names_of(verdict)) == (Word.INVALID, ["gaps"])


def test_a_lost_sensor_spoils_only_the_metrics_that_need_it() -> None:
    trace = without_rows(trace_of(Soak()), "zone.soc.temperature", slice(1000, None))
    verdict = judge(trace)
    assert (verdict.word, names_of(verdict)) == (Word.DEGRADED, ["sensor_lost"])
    reason = verdict.reasons[0]
    assert reason.metrics == ("peak_temperature_c",)
    assert reason.first_s == pytest.approx(95.0, abs=0.2)


def test_single_failed_readings_are_forgiven() -> None:
    trace = without_rows(trace_of(Soak()), "zone.soc.temperature", slice(None, None, 10))
    assert judge(trace).word is Word.VALID


def test_charging_spoils_energy_alone() -> None:
    verdict = judge(trace_of(Soak(current_ua=800_000)))
    assert verdict.word is Word.DEGRADED
    assert verdict.reasons[0].metrics == ("energy_mj",)


def test_one_failed_inference_degrades_and_many_invalidate() -> None:
    trace = trace_of(Soak())
    errors = trace.signals["inference.err"]

    def failing(count: int) -> Trace:
        values = errors.values.copy()
        values[:count] = 17
        signals = {**trace.signals, "inference.err": Signal(errors.channel, errors.t_s, values)}
        return replace(trace, signals=signals)

    assert judge(failing(1)).word is Word.DEGRADED
    assert judge(failing(100)).word is Word.INVALID


def test_no_inference_at_all_is_invalid() -> None:
    blind = frozenset({"inference.latency"})
    assert names_of(judge(trace_of(Soak(duration_s=60.0, without=blind)))) == ["low_samples"]


@pytest.mark.parametrize(("slept_ns", "reasons"), [(0, []), (3 * NS, ["suspended"])])
def test_a_phone_that_slept_is_noticed(slept_ns: int, reasons: list[str]) -> None:
    def clocks(i: int, t_s: int, ahead_ns: int) -> Event:
        t_ns = START_NS + t_s * NS
        data: dict[str, Any] = {"boot": t_ns + ahead_ns, "real": 0}
        return Event(1, i, t_ns, "clk", data)

    trace = trace_of(Soak(), clocks(5, 10, 7), clocks(6, 20, 7 + slept_ns))
    assert names_of(judge(trace)) == reasons


def test_a_load_that_the_phone_ended_in_silence_is_invalid() -> None:
    trace = trace_of(Soak(), Event(1, 9, START_NS + 5 * NS, "silent", {}))
    assert judge(trace).word is Word.INVALID


@pytest.mark.parametrize(
    ("decided", "word", "said"),
    [
        ([], Word.VALID, "as true as ever"),
        ([Event(1, 8, START_NS + 9 * NS, "action", {})], Word.DEGRADED, "came as late"),
    ],
)
def test_a_speed_that_was_not_held_spoils_what_was_decided_on_the_host(
    decided: list[Event], word: Word, said: str
) -> None:
    late = Event(1, 9, START_NS + 5 * NS, "behind", {"us": 150_000_000, "host_us": 1_500_000})
    verdict = judge(trace_of(Soak(), late, *decided))
    assert names_of(verdict) == ["behind"]
    assert verdict.word is word
    assert "behind by 150.0 s, once" in verdict.reasons[0].sentence
    assert said in verdict.reasons[0].sentence
