"""The start gate: at rest, from both sides, in device time, whenever the rows arrive."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.specs import StartGate
from benchmarks.start_gate import Outcome, Passage, Settling
from devices.channels import Channel, Unit
from devices.samples import Batch, Group

ZONE = "zone.skin.temperature"
GROUP = Group(0, 0, "fast", 100_000, (Channel(ZONE, Unit.CELSIUS, -3, "thermal:skin"),))
GATE = StartGate(relative_c=3.0, slope_c_per_min=1.2, hold_s=60.0, timeout_s=300.0)


def passage(
    celsius: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    *,
    idle_c: float | None = None,
    rows: int = 37,
    gate: StartGate = GATE,
) -> Passage | None:
    """Return how the gate opens for readings at 10 Hz that arrive `rows` at a time."""
    settling = Settling(gate, {} if idle_c is None else {ZONE: idle_c})
    settling.declare(GROUP)
    t_ns = 77_000_000_000 + np.arange(celsius.size, dtype=np.int64) * 100_000_000
    raw = np.round(celsius * 1000).astype(np.int64)[None, :]
    for i0 in range(0, celsius.size, rows):
        part = slice(i0, i0 + rows)
        valid = np.ones(raw[:, part].shape, np.bool_)
        settling.add(Batch(0, 0, i0, t_ns[part], raw[:, part], valid))
    return settling.passage


def seconds(duration_s: float) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    return np.arange(0.0, duration_s, 0.1)


def test_a_phone_at_rest_passes_after_the_hold() -> None:
    found = passage(np.full(1000, 31.0))
    assert found is not None
    assert (found.outcome, found.waited_s) == (Outcome.SETTLED, 60.0)
    assert found.means_c == {ZONE: pytest.approx(31.0)}


def test_a_cooling_phone_waits_until_its_slope_is_small() -> None:
    cooling = 31.0 + 20.0 * np.exp(-seconds(290) / 60)  # 20 K above rest, one minute constant
    found = passage(cooling)
    assert found is not None
    assert found.outcome is Outcome.SETTLED
    # 20 K · e^(−t/60) per minute falls below 1.2 K/min at t = 169 s; the fit looks 60 s back.
    assert 169 < found.waited_s < 215


def test_a_phone_that_never_rests_times_out_and_says_why() -> None:
    found = passage(30.0 + seconds(400) * 0.05)
    assert found is not None
    assert (found.outcome, found.waited_s) == (Outcome.TIMED_OUT, 300.0)
    assert found.because == f"{ZONE} moves by +3.00 °C/min, the gate opens below 1.2"


@pytest.mark.parametrize(("celsius", "outcome"), [
    (31.0, Outcome.SETTLED),
    (33.9, Outcome.SETTLED),
    (34.2, Outcome.TIMED_OUT),
    (27.8, Outcome.TIMED_OUT),
])  # fmt: skip
def test_rest_must_be_near_the_idle_state_from_both_sides(celsius: float, outcome: Outcome) -> None:
    """A slow tail has a small slope and is not rest."""
    found = passage(np.full(3200, celsius), idle_c=31.0)
    assert found is not None
    assert found.outcome is outcome


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 700), st.integers(0, 2**31))
def test_the_decision_does_not_depend_on_how_rows_arrive(rows: int, seed: int) -> None:
    noise = np.random.default_rng(seed).normal(0, 0.4, 2600)
    readings = 31.0 + 8.0 * np.exp(-seconds(260) / 40) + noise
    found, by_row = passage(readings, rows=rows), passage(readings, rows=1)
    assert found == by_row
    assert found is not None
    assert found.outcome is Outcome.SETTLED


def test_impossible_readings_are_no_sensor() -> None:
    found = passage(np.zeros(1000))
    assert found is not None
    assert found.outcome is Outcome.NO_SENSOR


def test_before_the_hold_is_over_nothing_is_decided() -> None:
    assert passage(np.full(600, 31.0)) is None
