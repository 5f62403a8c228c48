"""A distribution as few numbers, for pages that draw it."""

import numpy as np

from benchmarks.trace import Floats

STEPS = 40  # even steps from the least to the most


def quantiles_ms(seconds: Floats) -> list[float]:
    """Return the quantiles of some times at even steps, least and most included [ms]."""
    known = seconds[~np.isnan(seconds)]
    if not known.size:
        return []
    found = np.quantile(known, np.linspace(0.0, 1.0, STEPS + 1)) * 1000
    return [round(float(value), 4) for value in found]
