"""What a fuel gauge shows: the battery under load, a little late and with noise."""

from statistics import mean, pstdev

import pytest

from devices.virtual.catalog import load
from devices.virtual.kernel.fuel_gauge import FuelGauge
from devices.virtual.kernel.lane import LaneSettings
from devices.virtual.kernel.machine import Machine
from devices.virtual.kernel.reference import RESNET50
from tests.devices.soaking import S


def loaded() -> Machine:
    machine = Machine(load("honor-v30-pro"), 3)
    machine.set_charger(False)
    machine.start_lane(0, RESNET50, LaneSettings(threads=2), 0, seed=1)
    machine.advance(40 * S)
    return machine


def test_the_voltage_sags_under_load() -> None:
    idle, busy = Machine(load("honor-v30-pro"), 3), loaded()
    idle.set_charger(False)
    idle.advance(40 * S)
    sag_v = [FuelGauge(machine).shows(40 * S).voltage_v for machine in (idle, busy)]
    assert 0.03 < sag_v[0] - sag_v[1] < 0.3


def test_readings_change_once_per_refresh_and_scatter_around_the_truth() -> None:
    machine = loaded()
    gauge = FuelGauge(machine)
    shown, true = [], []
    for tenth in range(400, 600):
        machine.advance(tenth * S // 10)
        shown.append(gauge.shows(machine.now_ns).current_a)
        true += [machine.moment.battery.current_a] if tenth % 10 == 0 else []
    assert len(set(shown)) == 20
    off = [a - b for a, b in zip(shown[::10], true, strict=True)]
    assert mean(off) == pytest.approx(0.0, abs=0.003)
    assert 0.002 < pstdev(off) < 0.007


def test_a_charger_that_feeds_the_phone_leaves_no_current_at_all() -> None:
    machine = Machine(load("honor-v30-pro"), 3)
    machine.advance(20 * S)
    assert FuelGauge(machine).shows(20 * S).current_a == 0.0


def test_a_slow_gauge_reaches_back_as_far_as_it_must() -> None:
    spec = load("honor-v30-pro")
    battery = spec.battery.model_copy(update={"gauge_ms": 30_000, "current_noise_ma": 0.0})
    machine = Machine(spec.model_copy(update={"battery": battery}), 3)
    machine.set_charger(False)
    machine.start_lane(0, RESNET50, LaneSettings(threads=2), 0, seed=1)
    gauge = FuelGauge(machine)
    machine.advance(30 * S)
    looked = machine.moment.battery.current_a
    for second in range(31, 60):
        machine.advance(second * S)
        assert gauge.shows(machine.now_ns).current_a == looked
