"""When requests come: at a pace, late by chance, at random, or as somebody has written down.

The list is drawn on the host from the run's seed and told to the agent before the load, so that
every policy that is compared meets the same arrivals on every kind of device.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil, isfinite
from typing import Any, Literal

import numpy as np

from devices.agent.link import AgentLink
from devices.errors import StableDeviceError

How = Literal["periodic", "poisson", "trace"]
ARRIVALS = "arrivals"  # what the one timetable of a trial is called, and the agent's capability
MOST = 20_000  # longer lists repeat
_PER_COMMAND = 1000
_US = 1e6
_LONG_S = 3600.0  # after a trace's last request nobody comes


@dataclass(frozen=True, slots=True)
class Arrivals:
    """How requests come to one lane."""

    how: How = "periodic"
    jitter: float = 0.0  # of the period: each comes late by up to so much [1]
    at_s: tuple[float, ...] = field(default=(), repr=False)  # of a trace [s]

    @property
    def are_listed(self) -> bool:
        """Whether the agent needs a list of them."""
        return self.how != "periodic" or self.jitter > 0

    def table(self, period_s: float, duration_s: float, seed: int) -> tuple[list[int], int]:
        """Return the waits before each request, and after how long they repeat [µs]."""
        if self.how == "trace":
            at_us = [round(t_s * _US) for t_s in self.at_s]
            return _waits(at_us), max(at_us[-1], round(duration_s * _US)) + round(_LONG_S * _US)
        draw = np.random.default_rng(seed)
        if self.how == "poisson":
            count = min(MOST, ceil(1.5 * duration_s / period_s) + 20)
            waits = np.maximum(np.rint(draw.exponential(period_s * _US, count)), 1).astype(int)
            return waits.tolist(), int(waits.sum())
        count = min(MOST, ceil(duration_s / period_s) + 1)
        late_us = draw.uniform(0.0, self.jitter * period_s * _US, count)
        at_us = np.rint(np.arange(count) * period_s * _US + late_us).astype(int).tolist()
        return _waits(at_us), max(at_us[-1], round(count * period_s * _US))


def _waits(at_us: Sequence[int]) -> list[int]:
    return [at_us[0], *(after - before for before, after in pairwise(at_us))]


def read_times(text: str) -> tuple[float, ...]:
    """Return the times of a trace of requests [s]; ValueError with the line and the way out."""
    lines = [line.strip() for line in text.replace(";", "\n").splitlines() if line.strip()]
    if len(lines) > MOST:
        raise ValueError(f"{len(lines)} requests; at most {MOST} are read: cut the trace")
    times: list[float] = []
    for number, line in enumerate(lines, start=1):
        try:
            t_s = float(line)
        except ValueError:
            t_s = float("nan")
        if not isfinite(t_s) or t_s < 0:
            raise ValueError(
                f"line {number} is {line[:20]!r}: write one time per request, in seconds since "
                "the load began"
            )
        if times and t_s < times[-1]:
            raise ValueError(f"line {number} is earlier than line {number - 1}: sort by time")
        times.append(t_s)
    if times and times[-1] == 0:
        raise ValueError("all requests come at 0 s: give later times, or take period_ms = 0")
    return tuple(times)


def tell(
    link: AgentLink, arrivals: Arrivals, period_s: float, duration_s: float, seed: int
) -> tuple[dict[str, Any], Mapping[str, Any]]:
    """Tell the agent who will come when, before its trial.

    Return what `start` must say to use it, and what the record says.

    Raises:
        StableDeviceError: if the agent only knows a fixed pace.
    """
    if ARRIVALS not in link.caps:
        raise StableDeviceError(
            "this agent knows no arrivals but periodic ones; take arrivals = 'periodic' without "
            "jitter, or a device with a newer agent"
        )
    waits, span_us = arrivals.table(period_s, duration_s, seed)
    for first in range(0, len(waits), _PER_COMMAND):
        part = waits[first : first + _PER_COMMAND]
        is_last = first + _PER_COMMAND >= len(waits)
        span = {"span_us": span_us} if is_last else {}
        link.request("arrivals", id=ARRIVALS, gaps_us=part, more=first > 0, **span)
    told = {
        "how": arrivals.how,
        "jitter": arrivals.jitter,
        "period_s": period_s,
        "seed": seed,
        "listed": len(waits),
        "repeats_s": span_us / _US,
    }
    return {"arrivals": ARRIVALS}, told
