"""A soak of the same phone says where its shifting must begin."""

import pytest

from benchmarks.calibration import t_lim_of
from tests.benchmarks.soaks import Soak, trace_of


def test_the_limit_lies_four_degrees_below_the_first_throttling() -> None:
    soak = trace_of(Soak(duration_s=600, spans=((300.0, 400.0),)))
    assert t_lim_of(soak, "^soc$") == pytest.approx(70 - 4, abs=0.01)


def test_a_phone_that_never_throttles_or_lacks_the_sensor_has_no_limit() -> None:
    assert t_lim_of(trace_of(Soak(duration_s=600, spans=())), "^soc$") is None
    assert t_lim_of(trace_of(Soak(duration_s=600, spans=((300.0, 400.0),))), "^nose$") is None
