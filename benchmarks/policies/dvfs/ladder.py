"""The solver of punctual laziness: plans from the laziest to the fastest.

Reconstructed from the abstract of NeuroBalancer; the full text was not available.

    min  sum(e - P_idle * t)    subject to    sum(t) <= the time there is

over one pair of clocks per segment, changes of clock included. A price on time makes it a
shortest path; two rounds of prices close in on the budget, and what the prices leave unused is
spent greedily, because prices reach only the plans on the convex hull of energy over time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.policies.dvfs.profile_table import Floats
from benchmarks.policies.dvfs.tails import Tails, tails
from benchmarks.policies.dvfs.transitions import Transitions

_PRICES = 10  # per round
_LEAST_W, _MOST_W = 1e-3, 1e4  # from crawling to racing, on any phone [W]
_WORTH_J = 1e-12  # a smaller gain is rounding [J]
_ROUNDING = 1e-9  # of times added up in another order [1]


@dataclass(frozen=True, slots=True)
class Rung:
    """One plan for a whole inference."""

    points: tuple[int, ...]  # per segment
    time_s: float
    energy_j: float


class Ladder:
    """The plans of one table and one budget, and how to finish any of them from anywhere."""

    def __init__(
        self, costs: Transitions, idle_w: float, budget_s: float, allowed: Sequence[int]
    ) -> None:
        self._costs = costs
        self._idle_w = idle_w
        self._allowed = tuple(sorted(allowed))
        coarse = self._solve(np.geomspace(_LEAST_W, _MOST_W, _PRICES))
        self._tails = coarse.joined(self._solve(self._between(coarse, budget_s)))

    def rungs(self) -> tuple[Rung, ...]:
        """Return one plan per price, the laziest first."""
        return tuple(self._rung(self._tails.path(row)) for row in range(len(self._tails.first)))

    def best(self, budget_s: float) -> Rung | None:
        """Return the plan of least energy within the budget [s]; None if none is so fast."""
        budget_s *= 1.0 + _ROUNDING
        every = (*self.rungs(), *self._static())
        fitting = [rung for rung in every if rung.time_s <= budget_s]
        if not fitting:
            return None
        by_energy = sorted(fitting, key=self._net_j)
        filled = [self._fill(rung, budget_s) for rung in by_energy[:2]]
        return min(filled, key=self._net_j)

    def floor_j(self, budget_s: float) -> float:
        """Return what no plan within the budget can be below: its energy less that of waiting [J].

        Weak duality: at any price of time, the cheapest plan with what it pays for its seconds,
        less what the whole budget would pay.
        """
        prices = zip(self._tails.price_w, self.rungs(), strict=True)
        return max(
            self._net_j(rung) + float(price_w) * (rung.time_s - budget_s)
            for price_w, rung in prices
        )

    def tail(self, segment: int, before: int, left_s: float) -> int | None:
        """Return the point for a segment that starts the laziest tail within `left_s` [s]."""
        fits = np.flatnonzero(self._tails.time_s[:, segment, before] <= left_s)
        return int(self._tails.choice[fits[0], segment, before]) if fits.size else None

    def _solve(self, price_w: Floats) -> Tails:
        return tails(self._costs, self._idle_w, price_w, self._allowed)

    def _between(self, coarse: Tails, budget_s: float) -> Floats:
        """Return prices between the last that is too lazy and the first that is in time [W]."""
        times_s = [self._rung(coarse.path(row)).time_s for row in range(len(coarse.first))]
        in_time = [seconds <= budget_s for seconds in times_s]
        first = in_time.index(True) if any(in_time) else len(in_time)
        low_w = coarse.price_w[first - 1] if first else _LEAST_W / 10
        high_w = coarse.price_w[first] if first < len(in_time) else _MOST_W * 10
        return np.geomspace(low_w, high_w, _PRICES + 2)[1:-1]

    def _static(self) -> list[Rung]:
        """Return the plans that never change the clocks."""
        segments = len(self._costs.time_s)
        return [self._rung([point] * segments) for point in self._allowed]

    def _rung(self, points: Sequence[int]) -> Rung:
        where = (np.arange(len(points)), [points[0], *points[:-1]], list(points))
        time_s = float(self._costs.time_s[where].sum())
        return Rung(tuple(points), time_s, float(self._costs.energy_j[where].sum()))

    def _net_j(self, rung: Rung) -> float:
        return rung.energy_j - self._idle_w * rung.time_s

    def _fill(self, rung: Rung, budget_s: float) -> Rung:
        """Move one segment at a time to where the most energy is saved per added second."""
        while True:
            added_s, saved_j = self._moves(rung)
            fits = (saved_j > _WORTH_J) & (rung.time_s + added_s <= budget_s)
            if not fits.any():
                return rung
            worth = np.where(fits, saved_j / np.maximum(added_s, 1e-9), -np.inf)
            segment, choice = np.unravel_index(int(worth.argmax()), worth.shape)
            points = list(rung.points)
            points[segment] = self._allowed[choice]
            rung = self._rung(points)

    def _moves(self, rung: Rung) -> tuple[Floats, Floats]:
        """Return added time [s] and saved net energy [J] of every segment at every other point."""
        points = np.array(rung.points)
        segments = np.arange(len(points))
        allowed = np.array(self._allowed)
        before = np.concatenate([points[:1], points[:-1]])
        time_s = self._costs.time_s[segments[:, None], before[:, None], allowed]
        energy_j = self._costs.energy_j[segments[:, None], before[:, None], allowed]
        # Segment 0 has no clock before it: it runs at its own from the start.
        time_s[0] = self._costs.time_s[0, allowed, allowed]
        energy_j[0] = self._costs.energy_j[0, allowed, allowed]
        following = segments[1:, None], allowed, points[1:, None]
        time_s[:-1] += self._costs.time_s[following]
        energy_j[:-1] += self._costs.energy_j[following]
        column = np.searchsorted(allowed, points)
        now_s, now_j = time_s[segments, column], energy_j[segments, column]
        added_s = time_s - now_s[:, None]
        with np.errstate(invalid="ignore"):
            saved_j = now_j[:, None] - energy_j + self._idle_w * added_s
        return added_s, np.where(np.isfinite(energy_j), saved_j, -np.inf)
