"""Phones moved on together: each goes where it would have gone alone, to the last bit."""

import json
from collections.abc import Callable

import pytest

from devices.virtual.catalog import load
from devices.virtual.kernel import march
from devices.virtual.kernel.company import advance_together
from devices.virtual.kernel.grid import Grid
from devices.virtual.kernel.guard import Guard
from devices.virtual.kernel.lane import LaneSettings
from devices.virtual.kernel.machine import Machine
from devices.virtual.kernel.reference import RESNET50
from devices.virtual.kernel.track import Track
from tests.devices.soaking import S

_HOT = "honor-v30-pro"
Move = Callable[[list[Machine], int], None]


def _phones(name: str, count: int) -> list[Machine]:
    """Units of one model, each in warm air of its own; two are unplugged, one stays idle."""
    phones = [Machine(load(name), unit) for unit in range(count)]
    for unit, phone in enumerate(phones):
        phone.set_ambient(28.0 + unit)
        phone.set_charger(unit % 4 > 0)
        if unit != 1:
            phone.start_lane(0, RESNET50, LaneSettings(threads=2), unit * S // 5, seed=unit)
    return phones


def _alone(phones: list[Machine], to_ns: int) -> None:
    for phone in phones:
        phone.advance(to_ns)


def _together(phones: list[Machine], to_ns: int) -> None:
    advance_together([(phone, to_ns) for phone in phones])


def _story(phone: Machine) -> str:
    """Everything there is to know of a phone."""
    counted = phone.counters
    return json.dumps([
        phone.truth(), phone.history.last, counted.busy_ns, [tally.ns for tally in counted.tallies],
        phone.take_inferences(),
    ])  # fmt: skip


def _stories(move: Move, name: str, seconds: int, every_s: int, count: int = 8) -> list[str]:
    phones = _phones(name, count)
    for second in range(every_s, seconds + 1, every_s):
        move(phones, second * S)
    return [_story(phone) for phone in phones]


@pytest.mark.parametrize(
    ("name", "seconds"), [(_HOT, 400), ("pixel-6", 200), ("galaxy-m21", 100), ("mi-11", 200)]
)
def test_company_changes_no_bit(name: str, seconds: int) -> None:
    assert _stories(_together, name, seconds, 20) == _stories(_alone, name, seconds, 20)


def test_who_else_is_there_and_when_they_are_looked_at_changes_no_bit() -> None:
    alone = _stories(_alone, _HOT, 240, 240)
    assert _stories(_together, _HOT, 240, 3) == alone
    assert _stories(_together, _HOT, 240, 80, count=6) == alone[:6]


def test_company_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison compares two ways: most of the soak is computed as arrays."""
    together, alone = [0], [0]
    follow, run = Grid.follow, Grid._run

    def followed(phone: Grid, track: Track, count: int, to_ns: int) -> None:
        together.append(count)
        follow(phone, track, count, to_ns)

    def ran(phone: Grid, end_ns: int, to_ns: int) -> None:
        alone.append(1)
        run(phone, end_ns, to_ns)

    monkeypatch.setattr(Grid, "follow", followed)
    monkeypatch.setattr(Grid, "_run", ran)
    _stories(_together, _HOT, 400, 20)
    assert sum(together) > 2 * sum(alone)  # two of eight are too few for a company


def test_a_write_reaches_one_phone_of_many() -> None:
    told = []
    for move in (_alone, _together):
        phones = _phones(_HOT, 8)
        move(phones, 60 * S + 234_567_890)
        policy = phones[2].chip.policies[-1]
        folder = f"/sys/devices/system/cpu/cpufreq/policy{policy.cpus[0]}"
        write = phones[2].nodes[f"{folder}/scaling_max_freq"].write
        assert write
        write(str(policy.khz[2]).encode())
        move(phones, 90 * S)
        assert [phone.moment.points[-1] == 2 for phone in phones].count(True) == 1
        told.append([_story(phone) for phone in phones])
    assert told[0] == told[1]


def test_a_phone_that_misses_its_limit_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison is not blind: here nobody in a company feels the skin."""
    alone = _stories(_alone, _HOT, 400, 50)
    feels = Guard.feels
    monkeypatch.setattr(Guard, "feels", lambda *args: feels(*args) * 0.0 - 40.0)
    together = _stories(_together, _HOT, 400, 50)
    assert [one == other for one, other in zip(alone, together, strict=True)].count(False) >= 4


def test_a_neighbor_that_leaks_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison is not blind: here all get the air of unit 2."""
    alone = _stories(_alone, _HOT, 60, 20)
    stacked = march._stacked
    monkeypatch.setattr(
        march,
        "_stacked",
        lambda items: stacked([items[0]] * len(items) if items[0] == 30.0 else items),
    )
    assert _stories(_together, _HOT, 60, 20) != alone
