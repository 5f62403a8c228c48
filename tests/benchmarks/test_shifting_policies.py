"""The shifting policies as stories: temperatures come in, shifts go out."""

from collections.abc import Iterable
from math import exp

import pytest
from pydantic import ValidationError

from benchmarks.policies import POLICIES
from benchmarks.policies.base import Idle, Observation, SetVariant, Task
from benchmarks.policies.shifting.dynamic_shifting import Trend
from devices.errors import StableDeviceError
from devices.profile import DeviceKind, DeviceProfile, ThermalZone

ZONES = (ThermalZone(index=0, type="cpu0"), ThermalZone(index=1, type="battery"))
PROFILE = DeviceProfile(serial="x", kind=DeviceKind.PHONE, zones=ZONES)
TASK = Task(benchmark="shifting", variants=("large", "middle", "small"), seed=3)
Told = list[tuple[float, str]]


def follow(kind: str, temperatures: Iterable[float], task: Task = TASK, **asked: object) -> Told:
    """Feed one temperature per second; return when which variant was asked for."""
    spec = POLICIES[kind].model_validate({"kind": kind, **asked})
    controller = spec.start(PROFILE, task)
    variant, told = task.variants[0], []
    for second, celsius in enumerate(temperatures):
        newest = {"zone.cpu0.temperature": celsius, "cpu.big.frequency_cap": cap(celsius)}
        seen = Observation(float(second), newest, variant, 7, 0.150)
        for action in controller.decide(seen):
            assert isinstance(action, SetVariant)
            variant = action.variant
            told.append((float(second), variant))
    return told


def cap(celsius: float) -> float:
    return 1.6e9 if celsius > 80 else 2.8e9


def cooling(seconds: int, start_c: float = 74.0) -> list[float]:
    """Return a chip that cools by twenty degrees, and a case that follows slowly."""
    return [start_c] + [
        50 + 4 * exp(-t / 60) + (start_c - 54) * exp(-t / 2) for t in range(seconds)
    ]


def test_it_returns_when_the_cooling_levels_off_and_not_before() -> None:
    down, up = follow("dynamic_shifting", cooling(200), t_lim_c=73)
    assert down == (0.0, "small")
    assert up[1] == "large"
    assert 20 < up[0] < 150


def test_it_stays_small_for_the_dwell_time_even_if_nothing_cools() -> None:
    flat = [73.5] + [73.0] * 30
    for dwell_s in (9, 20):
        told = follow("dynamic_shifting", flat, t_lim_c=73.2, min_dwell_s=dwell_s)
        assert [at for at, _ in told] == [0, dwell_s]


def test_it_learns_its_limit_from_the_first_throttling() -> None:
    story = [76.0] * 30 + [81.0] + [60.0] * 150 + [73.0] * 5
    told = follow("dynamic_shifting", story)
    assert told[0] == (30.0, "small")
    assert told[-1] == (181.0, "small")  # 73 °C is above 76 - 4 now


def test_it_waits_with_the_small_one_until_it_knows_the_pace_to_fill_up_to() -> None:
    """A phone that is hot from the start shows its first temperature before its first latency."""
    spec = POLICIES["dynamic_shifting"].model_validate({"kind": "dynamic_shifting", "t_lim_c": 60})
    controller = spec.start(PROFILE, TASK)
    hot = {"zone.cpu0.temperature": 70.0}
    assert controller.decide(Observation(0.0, hot, "large", 0)) == ()
    assert controller.decide(Observation(80.0, hot, "large", 0)) == ()  # however long that takes
    [shift] = controller.decide(Observation(81.0, hot, "large", 7, 0.150))
    assert isinstance(shift, SetVariant)
    assert (shift.variant, shift.period_s) == ("small", 0.150)
    unfilled = spec.model_copy(update={"idle_fill": False}).start(PROFILE, TASK)
    assert unfilled.decide(Observation(0.0, hot, "large", 0)) != ()


def test_a_ladder_takes_one_rung_at_a_time() -> None:
    assert follow("ladder_shift", [74.0, 74.0, 74.0], t_lim_c=73) == [(0, "middle"), (1, "small")]


def test_two_thresholds_shift_at_both() -> None:
    told = follow("hysteresis_shift", [72, 74, 60, 47, 60], t_hi_c=73, t_lo_c=48)
    assert told == [(1, "small"), (3, "large")]


def test_chance_follows_from_the_seed() -> None:
    one, again = (follow("random_shift", [50.0] * 300) for _ in range(2))
    other = follow("random_shift", [50.0] * 300, Task("shifting", TASK.variants, seed=4))
    assert one == again != other


def test_a_duty_cycle_waits_longer_while_hot_and_never_shifts() -> None:
    controller = POLICIES["duty_cycle"]().start(PROFILE, TASK)
    hot = Observation(1.0, {"zone.cpu0.temperature": 80.0}, "large", 7, 0.150)
    (first,), (second,) = controller.decide(hot), controller.decide(hot)
    assert isinstance(first, Idle)
    assert isinstance(second, Idle)
    assert 0 < first.seconds < second.seconds


def test_headroom_is_android_s_and_needs_its_limit() -> None:
    facts = {"skin": {"channel": "zone.skin.temperature", "severe_c": 45.0}}
    task = Task("shifting", TASK.variants, facts=facts)
    controller = POLICIES["headroom_shift"]().start(PROFILE, task)
    seen = Observation(1.0, {"zone.skin.temperature": 43.0}, "large", 7, 0.150)
    (action,) = controller.decide(seen)  # (43 - 15) / 30 = 0.93
    assert "0.93" in action.reason
    with pytest.raises(StableDeviceError, match="tells none; use hysteresis_shift"):
        POLICIES["headroom_shift"]().start(PROFILE, TASK)


def test_the_trend_is_the_same_at_any_rate_of_sampling() -> None:
    coarse, fine = Trend(29.9, 14.9), Trend(29.9, 14.9)
    for trend, step_s in ((coarse, 1.0), (fine, 0.15)):
        for tick in range(round(60 / step_s)):
            trend.add(tick * step_s, 70 - 0.2 * tick * step_s)
    assert coarse.slope == pytest.approx(fine.slope, rel=0.05)


def test_a_reading_that_is_not_later_is_skipped() -> None:
    trend = Trend(29.9, 14.9)
    trend.add(1.0, 70.0)
    trend.add(1.0, 90.0)
    assert trend.slope == 0.0


@pytest.mark.parametrize(
    ("kind", "asked", "sentence"),
    [
        ("hysteresis_shift", {"t_hi_c": 60, "t_lo_c": 65}, "must be below t_hi_c = 60"),
        ("headroom_shift", {"high": 0.5, "low": 0.9}, "must be below high = 0.5"),
        ("dynamic_shifting", {"sensor": "("}, "is no regular expression"),
    ],
)
def test_thresholds_that_cannot_work_are_refused(
    kind: str, asked: dict[str, object], sentence: str
) -> None:
    with pytest.raises(ValidationError, match=sentence):
        POLICIES[kind].model_validate({"kind": kind, **asked})


def test_one_variant_is_nothing_to_shift_between() -> None:
    with pytest.raises(StableDeviceError, match="run it with the benchmark `shifting`"):
        POLICIES["small_alone"]().start(PROFILE, Task("shifting", ("only",)))
