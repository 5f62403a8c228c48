"""One definition of the error of predictions, whoever predicts."""

import numpy as np
import pytest

from benchmarks.analysis.prediction import prediction_error


def test_is_the_mean_share_of_what_really_happened() -> None:
    error = prediction_error(np.array([2.0, 4.0]), np.array([1.0, 6.0]), "per request")
    assert error.value == pytest.approx((0.5 + 0.5) / 2)
    assert error.value != pytest.approx((1.0 + 1 / 3) / 2), "not of what was predicted"
    assert error.note == "mean of |predicted - actual| / actual, per request"


def test_what_was_not_predicted_does_not_count() -> None:
    actual = np.array([1.0, 1.0, 0.0, 1.0])
    error = prediction_error(actual, np.array([np.nan, 0.0, 1.0, 1.1]), "per segment")
    assert error.value == pytest.approx(0.1)
    nothing = prediction_error(actual[:1], np.array([np.nan]), "per segment")
    assert (nothing.value, nothing.note) == (None, "nothing was predicted")
