"""The line between two clocks."""

from hypothesis import given
from hypothesis import strategies as st

from devices.agent.timekeeping import ClockFit, RoundTrip


def trip(host_ns: int, rate: float, offset_ns: int, there_ns: int, back_ns: int) -> RoundTrip:
    """Return a round trip whose answer was given after `there_ns`."""
    asked_ns = host_ns + there_ns
    return RoundTrip(host_ns, round(asked_ns * rate) + offset_ns, asked_ns + back_ns)


@given(
    rate=st.sampled_from([1.0, 20.0]),
    offset_ns=st.integers(-(10**15), 10**15),
    there_ns=st.integers(0, 10**7),
    back_ns=st.integers(0, 10**7),
)
def test_the_offset_is_wrong_by_at_most_half_a_round_trip(
    rate: float, offset_ns: int, there_ns: int, back_ns: int
) -> None:
    offset = ClockFit(rate).add([trip(10**12, rate, offset_ns, there_ns, back_ns)])
    true_ns = round(offset.host_ns * rate) + offset_ns
    assert abs(offset.device_ns - true_ns) <= offset.error_ns + 1


def test_the_narrowest_of_several_round_trips_counts() -> None:
    trips = [trip(10**9, 1.0, 7, there, 100) for there in (900, 50, 4000)]
    assert ClockFit(1.0).add(trips).error_ns == 75


def test_a_skew_of_200_ppm_is_found_within_20_ppm() -> None:
    fit = ClockFit(1.0)
    for second in range(0, 301, 10):
        jitter_ns = 40_000 * (second % 3)
        offset = fit.add([trip(second * 10**9, 1.0002, 0, 60_000 + jitter_ns, 60_000)])
    assert abs(offset.rate - 1.0002) < 20e-6


def test_the_first_seconds_trust_what_the_phone_says_about_its_speed() -> None:
    fit = ClockFit(20.0)
    fit.add([trip(0, 20.0, 0, 500_000, 0)])
    assert fit.add([trip(10**8, 20.0, 0, 0, 0)]).rate == 20.0


def test_both_directions_of_the_conversion_agree() -> None:
    offset = ClockFit(20.0).add([trip(10**12, 20.0, -(10**9), 0, 0)])
    assert offset.host_at(offset.device_at(10**12 + 12345)) == 10**12 + 12345
