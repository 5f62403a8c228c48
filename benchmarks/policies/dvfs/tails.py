"""The backward pass: for prices of a second, the cheapest way on from every segment and clock."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.policies.dvfs.profile_table import Floats
from benchmarks.policies.dvfs.transitions import Transitions


@dataclass(frozen=True, slots=True, eq=False)
class Tails:
    """How to finish, per price of time; prices ascend, so later rows are faster."""

    price_w: Floats  # [prices]
    first: NDArray[np.intp]  # [prices], the point of segment 0
    choice: NDArray[np.intp]  # [prices, segments, point before]: the segment's own point
    time_s: Floats  # [prices, segments, point before]: from here to the end

    def path(self, row: int) -> list[int]:
        """Return the points of the whole plan at one price."""
        points = [int(self.first[row])]
        for segment in range(1, self.choice.shape[1]):
            points.append(int(self.choice[row, segment, points[-1]]))
        return points

    def joined(self, other: "Tails") -> "Tails":
        """Return the rows of both, by price."""
        order = np.argsort(np.concatenate([self.price_w, other.price_w]))
        return Tails(
            np.concatenate([self.price_w, other.price_w])[order],
            np.concatenate([self.first, other.first])[order],
            np.concatenate([self.choice, other.choice])[order],
            np.concatenate([self.time_s, other.time_s])[order],
        )


def tails(costs: Transitions, idle_w: float, price_w: Floats, allowed: Sequence[int]) -> Tails:
    """Solve the shortest path for each price [W], over the allowed points only (Viterbi)."""
    segments, points, _ = costs.time_s.shape
    barred = np.full(points, np.inf)
    barred[list(allowed)] = 0.0
    ahead = np.zeros((len(price_w), points))  # net cost from the next segment to the end
    ahead_s = np.zeros((len(price_w), points))
    choice = np.empty((len(price_w), segments, points), dtype=np.intp)
    time_s = np.empty((len(price_w), segments, points))
    every = np.arange(points)
    rows = np.arange(len(price_w))[:, None]
    cost = np.empty((len(price_w), points, points))
    for segment in range(segments - 1, -1, -1):
        net = costs.energy_j[segment] - idle_w * costs.time_s[segment] + barred
        np.multiply(price_w[:, None, None], costs.time_s[segment], out=cost)
        cost += net
        cost += ahead[:, None, :]
        if segment == 0:
            break
        best = cost.argmin(axis=2)
        choice[:, segment] = best
        time_s[:, segment] = costs.time_s[segment][every, best] + ahead_s[rows, best]
        ahead = cost[rows, every, best]
        ahead_s = time_s[:, segment]
    # The first clocks are set while the phone still waits: nothing has to change in segment 0.
    free = cost[:, every, every]
    choice[:, 0] = every
    time_s[:, 0] = costs.time_s[0][every, every] + ahead_s
    return Tails(price_w, free.argmin(axis=1), choice, time_s)
