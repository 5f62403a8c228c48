"""How parameters are written on pages."""

import pytest

from frontend.templatetags.units import parameter


@pytest.mark.parametrize(
    ("value", "name", "words"),
    [
        (600.0, "duration_s", "10 min"),
        ("mobilenet_v2", "workload", "mobilenet v2"),
        ((1.0, 0.25), "widths", "1, 0.25"),
        ([], "beside", "none"),
    ],
)
def test_a_parameter_reads_as_people_write_it(value: object, name: str, words: str) -> None:
    assert parameter(value, name) == words
