"""Requests that come at random: who waits, who goes away, and for how long."""

from itertools import pairwise

import numpy as np
import pytest

from devices.virtual.catalog import load
from devices.virtual.kernel.inference import Inference
from devices.virtual.kernel.lane import LaneSettings
from devices.virtual.kernel.machine import Machine
from devices.virtual.kernel.reference import RESNET50
from devices.virtual.kernel.timetable import Timetable
from devices.virtual.physics.cpu import Work

S = 1_000_000_000
WORK = Work("part", RESNET50.layers[: len(RESNET50.layers) // 8])


def test_counts_who_has_come_over_repeats() -> None:
    table = Timetable.of([100, 200, 0], 1000)
    assert [table.due_ns(slot) // 1000 for slot in range(5)] == [100, 300, 300, 1100, 1300]
    assert [table.come(us * 1000) for us in (-5, 0, 99, 100, 300, 1099, 1100)] == [
        0, 0, 0, 1, 3, 3, 4,
    ]  # fmt: skip
    assert table.dropped(0, 300_000, depth=2) == 1
    assert table.dropped(1, 300_000, depth=2) == 0


@pytest.mark.parametrize(("gaps", "span"), [([], 0), ([0, 0], 0), ([100], 50)])
def test_a_table_that_nobody_could_follow_is_refused(gaps: list[int], span: int) -> None:
    with pytest.raises(ValueError, match=r"must come later|ends before"):
        Timetable.of(gaps, span)


def served(busy: float, *, depth: int = 64, count: int = 4000) -> tuple[list[Inference], float]:
    """Return who was served when so much of the time is asked for, and how long one takes [s]."""
    alone = Machine(load("pixel-4"), 0)
    alone.start_lane(0, WORK, LaneSettings(n=20, mask=0x80), S, seed=1)
    alone.advance(4 * S)
    takes_s = float(np.median([one.lat_us for one in alone.take_inferences()])) / 1e6
    waits = np.random.default_rng(7).exponential(takes_s / busy * 1e6, count)
    table = Timetable.of([max(1, round(wait)) for wait in waits])
    machine = Machine(load("pixel-4"), 0)
    settings = LaneSettings(timetable=table, mask=0x80, depth=depth)
    machine.start_lane(0, WORK, settings, S, seed=1)
    machine.advance(S + table.at_ns[-1])
    return machine.take_inferences(), takes_s


def test_waiting_is_what_queueing_theory_says() -> None:
    """One server, service of fixed length: Pollaczek and Khinchine."""
    for busy in (0.5, 0.8):
        found, _ = served(busy)
        takes_s = float(np.mean([one.lat_us for one in found])) / 1e6
        waited_s = float(np.mean([one.q_us for one in found])) / 1e6
        share = takes_s * len(found) * S / (found[-1].end_ns - found[0].t_ns)
        assert waited_s == pytest.approx(share * takes_s / (2 * (1 - share)), rel=0.2)
        assert [one.slot for one in found] == list(range(len(found)))
        assert all(b.t_ns >= a.end_ns for a, b in pairwise(found))


def test_a_short_queue_sends_the_oldest_away() -> None:
    found, _ = served(1.5, depth=2, count=500)
    slots = [one.slot for one in found]
    assert slots != list(range(len(slots)))
    assert max(one.q_us for one in found) < 3 * max(one.lat_us for one in found)
