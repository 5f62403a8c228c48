"""How a split is chosen: the situation that a policy sees, and the choice that it makes; pure."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from benchmarks.offloading.estimates import Estimates
from benchmarks.offloading.pipeline import Pipeline, Split


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known when the next request must be divided."""

    pipeline: Pipeline
    estimates: Estimates
    sla_s: float  # an answer is wanted within so long [s]
    margin: float = 0.0  # how much later than predicted an answer may come [1]
    random: Random | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A split, and why."""

    split: Split
    reason: str


class Chooser(ABC):
    """One way to choose; it remembers nothing."""

    @abstractmethod
    def choose(self, seen: Situation) -> Choice:
        """Return the split for the next request."""


def fastest(seen: Situation, splits: Iterable[Split] | None = None) -> Split:
    """Return the split that is predicted to answer first."""
    among = seen.pipeline.splits if splits is None else splits
    return min(among, key=lambda split: seen.estimates.predict(split).total)


def told(seen: Situation, split: Split) -> str:
    """Return a prediction in words."""
    parts = seen.estimates.predict(split)
    if split.is_local:
        return f"{parts.total * 1000:.0f} ms on the phone"
    whole_ms, phone_ms = parts.total * 1000, parts.device * 1000
    away_ms, server_ms = (
        1000 * (parts.transmit + parts.receive),
        1000 * (parts.queue + parts.server),
    )
    there = f"network {away_ms:.0f}, server {server_ms:.0f}"
    if split.back:
        return f"{whole_ms:.0f} ms: {there}, then phone {phone_ms:.0f}"
    return f"{whole_ms:.0f} ms: phone {phone_ms:.0f}, {there}"
