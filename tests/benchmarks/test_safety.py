"""Safety limits: what refuses a start, what warns, what ends a load."""

import pytest

from benchmarks.safety import BATTERY, LEVEL, LIMITS, Finding, Level, Watch, refusal

SKIN = "zone.skin.temperature"
WELL = {BATTERY: 30.0, SKIN: 31.0, LEVEL: 0.8}


def worst(newest: dict[str, float]) -> Finding | None:
    return Watch(has_battery=True).look(0.0, newest)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({BATTERY: 38.0}, "battery temperature is 38; a load starts only below 38"),
        ({SKIN: 36.4}, "skin temperature is 36.4; a load starts only below 36"),
        ({LEVEL: 0.3}, "battery level is 0.3; a load starts only above 0.3"),
    ],
)
def test_no_load_starts_at_its_limit(change: dict[str, float], words: str) -> None:
    assert refusal({**WELL, **change}) == words


def test_a_phone_that_is_well_may_start() -> None:
    assert refusal(WELL) is None
    assert worst(WELL) is None


def test_what_cannot_be_known_refuses_nothing() -> None:
    assert refusal({}) is None


@pytest.mark.parametrize(
    ("change", "level"),
    [
        ({BATTERY: 41.9}, None),
        ({BATTERY: 42.0}, Level.WARN),
        ({BATTERY: 46.0}, Level.ABORT),
        ({SKIN: 43.0}, Level.WARN),
        ({SKIN: 46.5}, Level.ABORT),
        ({LEVEL: 0.19}, Level.WARN),
        ({LEVEL: 0.12}, Level.ABORT),
    ],
)
def test_each_limit_warns_before_it_aborts(change: dict[str, float], level: Level | None) -> None:
    found = worst({**WELL, **change})
    assert (found.level if found else None) == level


def test_the_worst_finding_counts() -> None:
    found = worst({**WELL, BATTERY: 43.0, SKIN: 47.0})
    assert found is not None
    assert (found.level, found.quantity) == (Level.ABORT, "skin temperature")
    assert found.sentence == "skin temperature is 47, the limit is 46"


@pytest.mark.parametrize("impossible", [0.0, -45.0, 130.0])
def test_an_impossible_temperature_is_no_temperature(impossible: float) -> None:
    assert worst({**WELL, SKIN: impossible}) is None


def test_a_blind_battery_ends_the_load_after_five_seconds() -> None:
    watch = Watch(has_battery=True)
    assert watch.look(0.0, WELL) is None
    blind = {SKIN: 31.0}
    assert watch.look(4.0, blind) is None
    found = watch.look(6.0, blind)
    assert found is not None
    assert found.level is Level.ABORT


def test_a_battery_whose_rows_are_under_way_is_not_blind() -> None:
    watch = Watch(has_battery=True)
    assert watch.look(None, {SKIN: 31.0}) is None
    assert watch.look(20.0, WELL) is None
    found = watch.look(None, {SKIN: 47.0})
    assert found is not None
    assert found.quantity == "skin temperature"


def test_a_device_without_a_battery_is_never_blind() -> None:
    watch = Watch(has_battery=False)
    assert all(watch.look(t, {}) is None for t in (0.0, 10.0, 100.0))


@pytest.mark.parametrize(
    ("kelvin_per_minute", "level"), [(1.0, None), (2.0, Level.WARN), (3.5, Level.ABORT)]
)
def test_fast_heating_is_found_below_any_level(
    kelvin_per_minute: float, level: Level | None
) -> None:
    watch, found = Watch(has_battery=True), None
    for second in range(121):
        celsius = 25.0 + kelvin_per_minute * second / 60
        found = watch.look(float(second), {**WELL, BATTERY: celsius})
    assert (found.level if found else None) == level


def test_one_step_of_a_coarse_gauge_is_no_heating() -> None:
    watch = Watch(has_battery=True)
    steps = [{**WELL, BATTERY: 30.0 if t < 70 else 31.0} for t in range(140)]
    assert all(watch.look(float(t), newest) is None for t, newest in enumerate(steps))


@pytest.mark.parametrize("quantity", sorted(LIMITS))
def test_limits_are_ordered(quantity: str) -> None:
    limit = LIMITS[quantity]
    assert limit.is_beyond(limit.abort, limit.warn)
    assert limit.is_beyond(limit.warn, limit.refuse)
