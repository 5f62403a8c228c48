"""What came of a run, in sentences."""

from frontend.outcome import sentences_of


def test_tenants_are_counted_and_so_are_their_late_frames() -> None:
    said = list(sentences_of({"tenants": 5.0, "late_fraction": 0.027, "throttled_fraction": 0.0}))
    assert said == [
        "5 tenants came, and 2.7% of their frames were late.",
        "It did not throttle.",
    ]
