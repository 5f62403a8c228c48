"""What an hour of ResNet50 does to a Honor V30 Pro, and what must change the outcome."""

from functools import cache

import pytest

from devices.virtual.catalog import load
from devices.virtual.kernel import grid
from devices.virtual.kernel.lane import LaneSettings
from devices.virtual.kernel.machine import Machine
from devices.virtual.kernel.reference import RESNET50
from tests.devices.soaking import S, Soak, soak


@cache
def hour() -> Soak:
    """One hour at 22 °C, shared by the tests that only look at it."""
    return soak()


def test_the_first_throttle_comes_when_the_paper_says() -> None:
    first_s = hour().first_throttle_s
    assert first_s is not None
    assert 480 <= first_s <= 800


def test_the_phone_is_throttled_for_the_published_share_of_the_hour() -> None:
    assert 0.50 <= hour().throttled_fraction <= 0.68


def test_throttled_inferences_take_as_much_longer_as_published() -> None:
    cool_s, hot_s = (hour().latency_s(throttled=hot) for hot in (False, True))
    assert cool_s == pytest.approx(0.150, rel=0.02)
    assert 1.70 <= hot_s / cool_s <= 1.85


def test_the_mean_latency_agrees_with_the_closed_form() -> None:
    """Throttled time yields fewer inferences: mean = cool / ((1 - share) + share / k)."""
    soaked = hour()
    cool_s, hot_s = (soaked.latency_s(throttled=hot) for hot in (False, True))
    share = soaked.throttled_fraction
    mean_s = sum(i.lat_us for i in soaked.inferences) / len(soaked.inferences) * 1e-6
    assert mean_s == pytest.approx(cool_s / ((1 - share) + share * cool_s / hot_s), rel=0.02)


def test_the_die_warms_and_cools_as_the_paper_shows() -> None:
    """CPU temperature at 30, 60, 120, 300 s, and 58 s after the first throttle (unplugged)."""
    machine = Machine(load("honor-v30-pro"), 0)
    machine.set_charger(False)
    machine.start_lane(0, RESNET50, LaneSettings(threads=2), 0, seed=7)
    sample = machine.sampler(["thermal:cluster2", "cooling:thermal-cpufreq-2"])
    seen: list[float] = []
    first_s = None
    for second in range(1, 800):
        machine.advance(second * S)
        celsius, state = sample(machine.now_ns)
        assert celsius is not None
        seen.append(celsius / 1000)
        first_s = second if state and first_s is None else first_s
    assert first_s is not None
    assert seen[29] == pytest.approx(63.0, abs=2.0)
    assert seen[59] == pytest.approx(66.9, abs=2.5)
    assert seen[119] == pytest.approx(69.6, abs=2.5)
    assert seen[299] == pytest.approx(73.1, abs=2.5)
    assert seen[first_s + 57] == pytest.approx(52.6, abs=2.0)


def test_heat_that_came_in_was_stored_or_lost() -> None:
    truth = hour().machine.truth()
    heat_in, lost, stored = (truth[key] for key in ("heat_in_j", "heat_lost_j", "heat_stored_j"))
    assert isinstance(heat_in, float)
    assert isinstance(lost, float)
    assert isinstance(stored, float)
    assert heat_in > 10_000
    assert lost + stored == pytest.approx(heat_in, rel=1e-3)


def test_warm_air_brings_the_first_throttle_earlier() -> None:
    warm = soak(seconds=600, before=lambda machine: machine.set_ambient(35.0))
    assert warm.first_throttle_s is not None
    assert hour().first_throttle_s is not None
    assert warm.first_throttle_s < hour().first_throttle_s - 120  # type: ignore[operator]


def test_trips_forty_degrees_higher_remove_throttling() -> None:
    free = soak(before=lambda machine: machine.shift_trips(40.0))
    assert free.first_throttle_s is None
    assert free.latency_s(throttled=False) == pytest.approx(0.150, rel=0.02)


def test_a_lighter_load_does_not_throttle() -> None:
    light = soak(seconds=1200, settings=LaneSettings(threads=2, period_us=1_000_000))
    assert light.first_throttle_s is None


def test_half_the_grid_step_gives_the_same_hour() -> None:
    coarse, fine = hour(), soak(grid_ns=50_000_000)
    assert fine.first_throttle_s == pytest.approx(coarse.first_throttle_s, rel=0.005)
    assert fine.throttled_fraction == pytest.approx(coarse.throttled_fraction, rel=0.005)
    assert len(fine.inferences) == pytest.approx(len(coarse.inferences), rel=0.005)
    for hot in (False, True):
        assert fine.latency_s(throttled=hot) == pytest.approx(
            coarse.latency_s(throttled=hot), rel=0.005
        )


@pytest.mark.parametrize("phone", ["honor-v30-pro", "mate-10"])
def test_the_longer_steps_of_a_steady_phone_change_nothing_that_counts(
    phone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = soak(phone, seconds=800)
    monkeypatch.setattr(grid, "_STEADY_STEPS", 1)
    short = soak(phone, seconds=800)
    assert long.throttled == short.throttled
    assert len(long.inferences) == len(short.inferences)
    for one, other in zip(long.inferences, short.inferences, strict=True):
        assert abs(one.end_ns - other.end_ns) < 1000
        assert one.uj == pytest.approx(other.uj, rel=0.005)
    temps = [taken.machine.history.last.temps_c for taken in (long, short)]
    assert temps[0] == pytest.approx(temps[1], abs=0.002)


@pytest.mark.parametrize("phone", ["galaxy-s20-fe", "pixel-4", "pixel-6"])
def test_four_threads_throttle_other_phones_by_their_own_rules(phone: str) -> None:
    soaked = soak(phone, seconds=1500, settings=LaneSettings(threads=4))
    assert soaked.first_throttle_s is not None
    assert soaked.first_throttle_s > 120
    assert soaked.latency_s(throttled=True) > 1.1 * soaked.latency_s(throttled=False)


@pytest.mark.parametrize("phone", ["galaxy-s23", "mi-11", "pixel-3", "pixel-6", "pixel-8"])
def test_two_threads_are_enough_for_phones_with_hungry_cores(phone: str) -> None:
    """The soak that policies are compared on throttles five phones besides the Honor."""
    soaked = soak(phone, seconds=1500)
    assert soaked.first_throttle_s is not None
    assert soaked.first_throttle_s > 120
    assert soaked.latency_s(throttled=True) > 1.1 * soaked.latency_s(throttled=False)


def test_a_slow_chip_never_throttles_at_room_temperature() -> None:
    assert soak("redmi-note-9t", seconds=1800).first_throttle_s is None
