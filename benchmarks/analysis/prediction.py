"""How good predictions of times were: one definition for every kind that predicts."""

import numpy as np

from benchmarks.analysis.metrics import Metric
from benchmarks.trace import Floats

NAME = "prediction_error"


def prediction_error(actual: Floats, predicted: Floats, of: str) -> Metric:
    """Return the mean of |predicted - actual| / actual over what was predicted [1].

    Left out is what was not predicted (NaN, or nothing at all) and what took no time.
    """
    known = (predicted > 0) & (actual > 0)  # NaN is neither
    if not known.any():
        return Metric(NAME, None, "1", "lower", "none", "nothing was predicted")
    error = float(np.mean(np.abs(predicted[known] - actual[known]) / actual[known]))
    return Metric(NAME, error, "1", "lower", note=f"mean of |predicted - actual| / actual, {of}")
