"""Lanes that have shares of the time take turns by weight, on every kind of device."""

from typing import Any

import numpy as np
import pytest

from devices.agent.messages import INFER
from tests.conformance.talk import Heard, Start

LOAD_S = 1.2  # of host time: whatever the device's speed, both lanes overlap nearly all of it


def load_ms(start: Start) -> int:
    """Return how long a lane runs, in the device's time [ms]."""
    return round(1000 * LOAD_S * start.link.rate)


def counts(start: Start, *shares: int, **more: Any) -> tuple[list[int], list[float]]:
    """Run a lane per share; return per lane the inferences and their mean latency [us]."""
    start.begin()
    dur_ms = load_ms(start)
    for lane, share in enumerate(shares):
        start.lane(lane=lane, threads=1, share_pm=share, dur_ms=dur_ms, **more)
    heard = Heard()
    while len(heard.of("idle")) < len(shares):
        for item in start.link.receive(0.5):
            heard.add(item)
    start.end(heard)
    lanes, took = heard.column("inference.lane"), heard.column("inference.latency")
    began = heard.times(INFER)
    here = [began[lanes == lane] for lane in range(len(shares))]
    # A busy host starts them one after the other: what counts is the time that both have.
    both = (began >= max(map(min, here))) & (began <= min(map(max, here)))
    mine = [took[(lanes == lane) & both] for lane in range(len(shares))]
    return [len(latencies) for latencies in mine], [float(np.mean(one)) for one in mine]


def test_three_turns_to_one(start: Start) -> None:
    done, _ = counts(start, 750, 250)
    assert done[0] / done[1] == pytest.approx(3.0, rel=0.3)


def test_equal_shares_are_served_alike(start: Start) -> None:
    done, _ = counts(start, 500, 500)
    assert done[0] / done[1] == pytest.approx(1.0, abs=0.3)  # of time, not of inferences


def test_a_turn_that_nobody_takes_is_not_lost(start: Start) -> None:
    (alone,), (took_us,) = counts(start, 100)
    # A lane that waited for turns that nobody else takes would compute a tenth of the time.
    assert alone * took_us > 0.5 * load_ms(start) * 1000


def test_one_with_a_small_share_is_held_up_by_the_others(start: Start) -> None:
    _, (quick_us, slow_us) = counts(start, 900, 100)
    assert slow_us > 3 * quick_us
