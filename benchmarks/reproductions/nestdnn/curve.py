"""The trade of accuracy against speed that a policy offers as α grows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.policies.tenancy.churn import Timeline
from benchmarks.policies.tenancy.min_max import MinMax
from benchmarks.policies.tenancy.min_total import MinTotal
from benchmarks.policies.tenancy.tenants import Tenant
from benchmarks.reproductions.nestdnn.simulation import Score, score

#: Points per millisecond.
ALPHAS = (
    *(0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05),
    *(0.07, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1.0),
)


@dataclass(frozen=True, slots=True)
class Curve:
    """The scores of one policy over α, in ascending order of speed."""

    alphas: tuple[float, ...]
    scores: tuple[Score, ...]

    def speedup_at_gain(self, points: float) -> float:
        """Return the speedup where the gain is `points`, between the scores around it."""
        return _crossing(self._column("gain_points"), self._column("speedup"), points)

    def gain_at_speedup(self, times: float) -> float:
        """Return the gain where the speedup is `times`."""
        return _crossing(self._column("speedup"), self._column("gain_points"), times)

    @property
    def knee(self) -> tuple[float, Score]:
        """The α and the score farthest from the chord, where neither is worse than today.

        Both axes are scaled to [0, 1]; the paper does not say how it chose its knee.
        """
        better = [
            (alpha, each)
            for alpha, each in zip(self.alphas, self.scores, strict=True)
            if each.gain_points >= 0 and each.speedup >= 1
        ]
        if not better:
            raise ValueError("no point of the curve is at least as good as the status quo")
        x, y = (
            _scaled(np.array([getattr(each, name) for _, each in better]))
            for name in ("speedup", "gain_points")
        )
        distance = np.abs((x[-1] - x[0]) * (y - y[0]) - (y[-1] - y[0]) * (x - x[0]))
        return better[int(distance.argmax())]

    def _column(self, name: str) -> NDArray[np.float64]:
        return np.array([getattr(each, name) for each in self.scores])


def sweep(
    scheme: type[MinTotal] | type[MinMax],
    tenants: Mapping[str, Tenant],
    timelines: Sequence[Timeline],
    alphas: Sequence[float] = ALPHAS,
) -> Curve:
    """Score a scheme at every α."""
    scores = tuple(score(scheme(alpha=alpha), tenants, timelines) for alpha in alphas)
    return Curve(tuple(alphas), scores)


def _crossing(x: NDArray[np.float64], y: NDArray[np.float64], at: float) -> float:
    """Return y where x first passes `at`, on the straight line between the points around it.

    Raises:
        ValueError: if x never passes it.
    """
    for left in range(x.size - 1):
        low, high = sorted((x[left], x[left + 1]))
        if low <= at <= high and low < high:
            part = (at - x[left]) / (x[left + 1] - x[left])
            return float(y[left] + part * (y[left + 1] - y[left]))
    raise ValueError(f"the curve runs from {x.min():.2f} to {x.max():.2f} and never meets {at:g}")


def _scaled(values: NDArray[np.float64]) -> NDArray[np.float64]:
    span = float(np.ptp(values))
    return (values - values.min()) / span if span else np.zeros_like(values)
