"""From items to a trace in SI, whichever way the items come."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.newest import Newest
from benchmarks.trace import Trace, TraceBuilder, si
from devices.channels import Channel, Unit
from devices.samples import Batch, Event, Group, Item
from tests.benchmarks.soaks import NS, START_NS, Soak, items, trace_of

CELSIUS = Channel("zone.soc.temperature", Unit.CELSIUS, -3, "thermal:soc")
KILOHERTZ = Channel("cpu.big.frequency", Unit.HERTZ, 3, "cluster4.cur_khz")
FAST = Group(1, 0, "fast", 100_000, (CELSIUS, KILOHERTZ))


def batch(i0: int, values: list[int | None], trial: int = 1) -> Batch:
    t_ns = START_NS + (np.arange(len(values), dtype=np.int64) + i0) * NS
    raw = np.array([[value or 0 for value in values]] * 2, dtype=np.int64)
    valid = np.array([[value is not None for value in values]] * 2)
    return Batch(trial, 0, i0, t_ns, raw, valid)


def cut(item: Item, bounds: list[int]) -> list[Item]:
    """Return a batch in pieces."""
    if not isinstance(item, Batch):
        return [item]
    edges = [0, *sorted({bound % item.rows for bound in bounds}), item.rows]
    return [
        Batch(
            item.trial,
            item.group,
            first,
            item.t_ns[first:last],
            item.raw[:, first:last],
            item.valid[:, first:last],
        )
        for first, last in pairwise(edges)
    ]


def same(one: Trace, other: Trace) -> bool:
    return one.signals.keys() == other.signals.keys() and all(
        np.array_equal(one.signals[n].values, other.signals[n].values, equal_nan=True)
        and np.array_equal(one.signals[n].t_s, other.signals[n].t_s)
        for n in one.signals
    )


def test_raw_integers_become_si() -> None:
    trace = TraceBuilder().extend([FAST, batch(0, [41500, 42000])]).build()
    assert trace.signals["zone.soc.temperature"].values.tolist() == [41.5, 42.0]
    assert trace.signals["cpu.big.frequency"].values.tolist() == [41_500_000.0, 42_000_000.0]


def test_a_failed_reading_is_no_number() -> None:
    trace = TraceBuilder().extend([FAST, batch(0, [41500, None, 42000])]).build()
    signal = trace.signals["zone.soc.temperature"]
    assert np.isnan(signal.values[1])
    assert signal.readings.values.tolist() == [41.5, 42.0]
    assert signal.readings.t_s.tolist() == [0.0, 2.0]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 500), max_size=6))
def test_how_rows_were_cut_into_batches_does_not_matter(bounds: list[int]) -> None:
    whole = list(items(Soak(duration_s=60.0)))
    pieces = [piece for item in whole for piece in cut(item, bounds)]
    assert same(TraceBuilder().extend(pieces).build(), TraceBuilder().extend(whole).build())


def test_time_counts_from_the_start_of_the_load() -> None:
    trace = trace_of(Soak(duration_s=60.0))
    assert trace.start_ns == START_NS
    assert trace.duration_s == 60.0
    assert trace.signals["battery.current"].t_s[0] == pytest.approx(-5.0)
    assert [phase.name for phase in trace.phases] == ["before", "soak", "after"]


def test_the_settling_lies_before_zero() -> None:
    settling = Group(0, 0, "fast", 100_000, (CELSIUS, KILOHERTZ))
    t_ns, raw = np.array([START_NS - 9 * NS]), np.array([[30_000], [1]])
    early = Batch(0, 0, 0, t_ns, raw, np.ones((2, 1), np.bool_))
    trace = TraceBuilder().extend([*items(Soak(duration_s=30.0)), settling, early]).build()
    signal = trace.signals["zone.soc.temperature"]
    assert (signal.t_s[0], signal.values[0]) == (-9.0, 30.0)
    assert np.all(np.diff(signal.t_s) > 0)


def test_a_trace_without_a_start_counts_from_its_first_row() -> None:
    trace = TraceBuilder().extend([FAST, batch(0, [1, 2, 3])]).build()
    assert (trace.start_ns, trace.duration_s) == (START_NS, 2.0)


def test_nothing_makes_an_empty_trace() -> None:
    trace = TraceBuilder().build()
    assert (trace.signals, trace.duration_s, trace.phases) == ({}, 0.0, ())


def test_between_takes_what_starts_inside() -> None:
    signal = TraceBuilder().extend([FAST, batch(0, [1, 2, 3, 4])]).build().signals[CELSIUS.name]
    assert signal.between(1.0, 3.0).t_s.tolist() == [1.0, 2.0]


@given(st.integers(-(2**40), 2**40), st.integers(-9, 6))
def test_si_is_the_nearest_double(raw: int, exp: int) -> None:
    made = si(Channel("x", Unit.ONE, exp), np.array([raw]), np.array([True]))[0]
    assert made == float(f"{raw}e{exp}")


def test_newest_forgets_nothing_and_knows_what_is_stale() -> None:
    newest = Newest()
    for item in (FAST, batch(0, [41_000, 42_000]), batch(2, [None] * 8)):
        newest.add(item)
    assert newest.values["zone.soc.temperature"] == pytest.approx(42.0)
    assert newest.t_ns == START_NS + 9 * NS
    assert newest.within(3.0) == {}
    newest.add(batch(10, [43_000]))
    assert newest.within(3.0)["zone.soc.temperature"] == pytest.approx(43.0)


def test_newest_ages_a_channel_whose_rows_come_one_by_one() -> None:
    newest = Newest()
    assert newest.row_ns("zone.soc.temperature") is None
    newest.add(FAST)
    newest.add(batch(0, [41_000]))
    for second in range(1, 6):
        newest.add(batch(second, [None]))
    assert newest.row_ns("zone.soc.temperature") == START_NS + 5 * NS
    assert newest.within(3.0) == {}


def test_a_slow_group_is_not_stale_because_a_fast_one_came_first() -> None:
    slow = Group(1, 1, "slow", 1_000_000, (Channel("battery.temperature", Unit.CELSIUS, -3),))
    newest = Newest()
    late = Batch(1, 1, 0, np.array([START_NS]), np.array([[30_000]]), np.ones((1, 1), np.bool_))
    for item in (FAST, slow, late, batch(0, [41_000] * 60), Event(1, 0, START_NS, "mark")):
        newest.add(item)
    assert newest.within(3.0)["battery.temperature"] == 30.0
