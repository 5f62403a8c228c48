"""How much of an interval is kept back, learned from how far the plans were off."""

from collections import deque

import numpy as np

FIRST_MARGIN = 0.05  # nothing is known yet about how far plans are off [1]


class QuantileMargin:
    """The share by which the slowest 1 % of inferences overran their plan.

    A quantile, because misses come in clusters: a mean plus three deviations of a bell curve
    overshoots a miss target of 0.1 % by an order of magnitude (arXiv 2606.16106).
    """

    def __init__(
        self, first: float = FIRST_MARGIN, quantile: float = 0.01, window: int = 200
    ) -> None:
        self._first = first
        self._quantile = quantile
        self._ratios: deque[float] = deque(maxlen=window)
        self._least = round(0.25 / quantile)  # fewer say nothing about so rare an event

    @property
    def value(self) -> float:
        """The share to keep back [1]; never below 0."""
        if len(self._ratios) < self._least:
            return self._first
        return max(0.0, float(np.quantile(self._ratios, 1.0 - self._quantile)) - 1.0)

    def learn(self, actual_s: float, planned_s: float) -> None:
        """Take in one inference."""
        self._ratios.append(actual_s / planned_s)
