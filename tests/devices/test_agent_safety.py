"""What stops a load that nobody watches, or that heats too much."""

import pytest

from devices.virtual.agent.body import Refused
from devices.virtual.agent.deadman import DeadMan, Silence
from devices.virtual.agent.limits import BATTERY, Guard
from tests.devices.agents import Talk, ready

MS, S = 1_000_000, 1_000_000_000


def test_silence_of_the_owner_stops_the_load_and_a_new_open_is_told_back() -> None:
    talk = Talk()
    talk.open(hb_ms=15_000, lease_ms=3_600_000)
    talk.load()
    talk.ask("begin", trial=1)
    talk.ask("start", model="net", period_us=100_000)
    talk.wait(0.6)
    assert not talk.events("silent")
    talk.wait(0.4)
    (silent,) = talk.events("silent")
    assert talk.events("idle")[0]["why"] == "stop"
    assert talk.ask("stat")["code"] == "host_silent"
    talk.open()
    assert talk.events("back")[0]["t"] > silent["t"]


def test_beats_without_lease_time_left_stop_the_load_too() -> None:
    talk = Talk()
    talk.open(hb_ms=3_600_000, lease_ms=10_000)
    talk.load()
    talk.ask("begin", trial=1)
    talk.ask("start", model="net", period_us=100_000)
    for _ in range(5):
        talk.ask("sync")
        talk.wait(0.2)
    assert talk.events("silent")


def test_a_ping_moves_the_end_of_the_lease() -> None:
    talk = Talk()
    talk.open(hb_ms=3_600_000, lease_ms=10_000)
    talk.ask("begin", trial=1)
    for _ in range(5):
        talk.ask("ping", lease_ms=10_000)
        talk.wait(0.4)
    assert not talk.events("silent")


def test_after_the_grace_the_agent_leaves_with_code_5() -> None:
    talk = Talk()
    talk.open(hb_ms=1_000, lease_ms=1_000, grace_ms=5_000)
    talk.wait(2)
    assert talk.session.exit_code == 5
    assert talk.lines[-1] == {**talk.lines[-1], "ev": "bye", "exit": 5}


def test_the_first_of_two_deadlines_counts() -> None:
    man = DeadMan(hb_ms=100, lease_ms=50, grace_ms=1000, heard_ns=0, pinged_ns=0)
    assert man.silence(50 * MS) is Silence.NONE
    assert man.silence(51 * MS) is Silence.STOP
    man.hear(60 * MS)
    assert man.silence(61 * MS) is Silence.STOP, "only a new open ends silence"
    assert man.silence(51 * MS + 1000 * MS + 1) is Silence.LEAVE


class Sensors:
    """Values that a test sets."""

    def __init__(self, **values: int | None) -> None:
        self.values: dict[str, int | None] = {BATTERY: 30_000, "thermal:skin-x": 33_000, **values}

    def __call__(self, sensor: str) -> int | None:
        return self.values.get(sensor)


@pytest.mark.parametrize(
    ("sensor", "value", "rule"),
    [
        (BATTERY, 48_000, "bat"),
        ("thermal:skin-x", 48_000, "skin"),
        ("power:level", 8, "level"),
        ("power:voltage", 4_460_000, "volt"),
        ("power:voltage", 8_920_000, "volt"),
    ],
)
def test_each_compiled_limit_trips(sensor: str, value: int, rule: str) -> None:
    sensors = Sensors()
    guard = Guard(tuple(sensors.values))
    guard.allow_start(sensors, 0, without_sensors=False)
    assert guard.check(sensors, S, is_loaded=True) is None
    sensors.values[sensor] = value
    trip = guard.check(sensors, 2 * S, is_loaded=True)
    assert trip is not None
    assert trip.rule.id == rule
    assert guard.check(sensors, 3 * S, is_loaded=True) is None, "one trip is told once"


def test_a_blind_battery_sensor_trips_after_ten_seconds() -> None:
    sensors = Sensors()
    guard = Guard(tuple(sensors.values))
    guard.allow_start(sensors, 0, without_sensors=False)
    sensors.values[BATTERY] = None
    assert guard.check(sensors, 9 * S, is_loaded=True) is None
    trip = guard.check(sensors, 11 * S, is_loaded=True)
    assert trip is not None
    assert trip.rule.kind == "blind"


@pytest.mark.parametrize("value", [None, 0, -40_000, 125_000])
def test_no_valid_battery_temperature_means_no_start(value: int | None) -> None:
    sensors = Sensors()
    sensors.values[BATTERY] = value
    guard = Guard(tuple(sensors.values))
    with pytest.raises(Refused) as refusal:
        guard.allow_start(sensors, 0, without_sensors=True)
    assert refusal.value.code == "no_limits"


def test_a_fed_temperature_counts_for_ten_seconds() -> None:
    sensors = Sensors()
    sensors.values[BATTERY] = None
    guard = Guard(tuple(sensors.values))
    guard.feed("feed:battery_temp", 30_000, 0)
    guard.allow_start(sensors, 9 * S, without_sensors=False)
    with pytest.raises(Refused):
        guard.allow_start(sensors, 10 * S, without_sensors=False)


def test_a_machine_without_battery_starts_only_when_that_is_said() -> None:
    sensors = Sensors()
    del sensors.values[BATTERY]
    guard = Guard(tuple(sensors.values))
    guard.allow_start(sensors, 0, without_sensors=True)
    with pytest.raises(Refused, match="battery temperature"):
        guard.allow_start(sensors, 0, without_sensors=False)


def test_limits_can_be_tightened_and_never_loosened() -> None:
    talk = ready()
    rule = {"id": "bat", "kind": "ge", "src": "power:temp", "v": 45_000}
    assert rule in talk.ask("limits", rules=[rule])["rules"]
    loose = talk.ask("limits", rules=[{**rule, "v": 46_000}])
    assert loose["code"] == "bad_arg"
    assert rule in talk.ask("limits")["rules"]


def test_an_override_may_loosen_a_limit() -> None:
    talk = Talk(may_loosen_limits=True)
    talk.open()
    rule = {"id": "skin", "kind": "ge", "src": "thermal:skin", "v": 90_000}
    assert rule in talk.ask("limits", rules=[rule])["rules"]


def test_a_trip_stops_the_load_within_two_seconds_and_must_be_cleared() -> None:
    talk = ready(speed=1.0)
    talk.ask("limits", rules=[{"id": "bat", "kind": "ge", "src": "power:temp", "v": 20_000}])
    talk.ask("start", model="net", period_us=100_000)
    talk.wait(2)
    (trip,) = talk.events("trip")
    (idle,) = talk.events("idle")
    assert idle["t"] - trip["t"] < 2 * S
    assert talk.ask("start", model="net")["code"] == "tripped"
    assert talk.ask("limits", clear=True)["code"] == "tripped", "the battery is as warm as before"
    assert talk.ask("stat")["state"] == "tripped"
