"""Which temperatures are not believed: leaps into another unit, and a sensor that stands."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.analysis.odd_sensors import Oddity, odd_sensors
from benchmarks.trace import Signal, Trace
from devices.channels import Channel, Unit

T_S = np.arange(-30.0, 300.0, 0.5)
Column = NDArray[np.float64]


def warming(start_c: float, gain_k: float) -> Column:
    """Return a sensor that warms under load, in steps of a tenth of a degree."""
    gain = gain_k * (1.0 - np.exp(-np.maximum(T_S, 0.0) / 100.0))
    column: Column = np.round(start_c + gain + 0.05 * np.sin(7.0 * T_S), 1)
    return column


HEALTHY = {
    "zone.cpu.temperature": warming(35.0, 30.0) + np.where(T_S > 0.0, 24.0, 0.0),
    "zone.gpu.temperature": warming(33.0, 15.0),
    "zone.skin.temperature": warming(28.0, 8.0),
    "zone.board.temperature": warming(30.0, 10.0),
    "battery.temperature": np.round(warming(27.0, 4.0)),
}


def odd(**columns: Column) -> list[Oddity]:
    """Return what is odd about a phone some of whose sensors show something else."""
    shown = HEALTHY | {f"zone.{name}.temperature": values for name, values in columns.items()}
    signals = {
        name: Signal(Channel(name, Unit.CELSIUS, -3), T_S, values) for name, values in shown.items()
    }
    return list(odd_sensors(replace(Trace(signals), duration_s=300.0)))


def test_a_phone_that_warms_up_is_believed_even_where_its_cores_leap() -> None:
    assert odd() == []


def test_a_sensor_that_changes_its_unit_has_leapt_at_that_second() -> None:
    (found,) = odd(skin=np.where(T_S < 100.0, HEALTHY["zone.skin.temperature"], 0.033))
    assert (found.kind, found.channel, found.first_s) == ("leapt", "zone.skin.temperature", 100.0)
    assert "0.033 °C at 100.0 s" in found.sentence


def test_a_unit_that_changes_on_a_cool_phone_has_leapt() -> None:
    """From 20 °C to 0.02 °C is no great leap in kelvins."""
    cool = np.round(warming(20.0, 1.0), 1)
    (found,) = odd(board=np.where((T_S < 100.0) | (T_S > 110.0), cool, 0.02))
    assert (found.kind, found.first_s, found.last_s) == ("leapt", 100.0, 110.0)
    assert "(21 readings)" in found.sentence


def test_a_core_that_leaps_away_from_the_frost_is_believed() -> None:
    assert odd(cpu=np.where(T_S > 20.0, 24.0, 0.2) + 0.01 * np.sin(T_S)) == []


@pytest.mark.parametrize("word_c", [-40.0, 0.0, 125.0])
def test_a_driver_s_word_for_no_sensor_between_readings_is_odd(word_c: float) -> None:
    values = HEALTHY["zone.gpu.temperature"].copy()
    values[[200, 300]] = word_c
    (found,) = odd(gpu=values)
    assert found.kind == "leapt"
    assert "readings" in found.sentence


def test_a_sensor_that_is_not_fitted_is_no_news() -> None:
    assert odd(gpu=np.full(T_S.size, -40.0)) == []


def test_a_sensor_that_stands_while_every_other_goes_on_is_stuck() -> None:
    stands = np.where(T_S < 20.0, HEALTHY["zone.skin.temperature"], 29.3)
    (found,) = odd(skin=stands)
    assert (found.kind, found.last_s) == ("stuck", 299.5)
    assert 15.0 < found.first_s <= 20.0


def test_a_sensor_that_says_nothing_more_does_not_stand() -> None:
    """What is lost is told by another rule."""
    assert odd(skin=np.where(T_S < 20.0, HEALTHY["zone.skin.temperature"], np.nan)) == []


def test_a_sensor_that_has_never_moved_is_left_alone() -> None:
    """Nobody knows whether it is broken or measures something that is always the same."""
    assert odd(skin=np.full(T_S.size, 25.0)) == []


def test_a_slow_sensor_of_coarse_steps_is_not_stuck_while_others_hardly_move() -> None:
    """The control: the same sensor stands, but the phone is in its steady state."""
    still = {
        name.split(".")[1]: np.where(T_S < 20.0, column, column[T_S.searchsorted(20.0)])
        for name, column in HEALTHY.items()
        if name.startswith("zone.")
    }
    assert odd(**still) == []
