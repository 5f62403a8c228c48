"""How well a policy foretold what then happened."""

import numpy as np

from benchmarks.analysis.metrics import Metric
from benchmarks.trace import Floats


def prediction_error(name: str, predicted: Floats, actual: Floats) -> Metric:
    """Return the mean absolute error of predictions, as a share of what happened.

    Pairs in which either is missing, or nothing happened, do not count.
    """
    usable = ~np.isnan(predicted) & ~np.isnan(actual) & (actual != 0)
    if not usable.any():
        return Metric(name, None, "1", "lower", "policy", "nothing was predicted")
    errors = np.abs(predicted[usable] / actual[usable] - 1)
    note = f"{int(usable.sum())} predictions"
    return Metric(name, float(errors.mean()), "1", "lower", "policy", note)
