"""A phase ends when its phone has lived too long, not when this machine was slow."""

import numpy as np
import pytest

from benchmarks.conversation import Tick
from devices.clock import SimulatedClock
from devices.samples import Batch, Event
from fleet.lifecycle.run import PhaseTimeout
from fleet.patience import Patience

S = 1_000_000_000


def _rows(*seconds: int) -> Batch:
    times = np.array(seconds, dtype=np.int64) * S
    raw = np.zeros((1, len(seconds)), dtype=np.int64)
    return Batch(1, 0, 0, times, raw, np.ones_like(raw, dtype=np.bool_))


def test_a_phone_that_lives_longer_than_it_may_ends_the_phase() -> None:
    patience = Patience(60.0, 20.0, SimulatedClock())
    patience.hear(_rows(1000, 1030))
    patience.hear(_rows(1060))
    with pytest.raises(PhaseTimeout, match="longer than 60 s of device time"):
        patience.hear(_rows(1061))


def test_a_slow_machine_ends_no_phase_of_a_fast_phone() -> None:
    host = SimulatedClock()
    patience = Patience(60.0, 500.0, host)
    for item in (Tick(), Event(1, 0, 5 * S, "clk", {}), _rows(), _rows(9000, 9060)):
        host.advance(14.0)  # 7000 s for a phone at 500×, had it kept up
        patience.hear(item)


@pytest.mark.parametrize(("rate", "limit_s"), [(500.0, 60.0), (1.0, 60.0), (0.5, 120.0)])
def test_a_phone_that_tells_nothing_is_not_waited_for_without_end(
    rate: float, limit_s: float
) -> None:
    host = SimulatedClock()
    patience = Patience(60.0, rate, host)
    host.advance(limit_s)
    patience.hear(Tick())
    host.advance(1.0)
    with pytest.raises(PhaseTimeout, match=f"longer than {limit_s:g} s"):
        patience.hear(Tick())
