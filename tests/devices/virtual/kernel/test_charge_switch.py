"""The file that stops the charging: what it says, and what the current says."""

import pytest

from devices.virtual.catalog import load
from devices.virtual.kernel.machine import Machine
from tests.devices.soaking import S
from tests.devices.virtual.kernel.files import get, put

BATTERY = "/sys/class/power_supply/{}/{}"


def half_full(phone: str) -> Machine:
    machine = Machine(load(phone), 0)
    machine.set_battery(50.0)
    machine.advance(10 * S)
    return machine


def file(machine: Machine, name: str) -> str:
    return BATTERY.format(machine.spec.quirks.battery_name, name)


def current_a(machine: Machine) -> float:
    """Return what flows out of the battery, in truth."""
    return machine.history.last.battery.current_a


def throw(machine: Machine, value: int) -> None:
    assert machine.spec.battery.switch
    put(machine, file(machine, machine.spec.battery.switch.name), value)
    machine.advance(machine.now_ns + 10 * S)


def test_a_switch_stops_the_charging_and_the_cable_feeds_on() -> None:
    machine = half_full("pixel-6")
    assert current_a(machine) < -0.5, "the control: it charges"
    throw(machine, 0)
    assert current_a(machine) == 0.0
    assert get(machine, file(machine, "status")) == "Not charging"
    throw(machine, 1)
    assert current_a(machine) < -0.5


def test_a_suspended_input_lets_the_battery_feed_the_phone() -> None:
    machine = half_full("pixel-3")
    throw(machine, 1)
    assert current_a(machine) > 0.05
    assert get(machine, file(machine, "status")) == "Discharging"
    assert get(machine, "/sys/class/power_supply/usb/online") == "1"


@pytest.mark.parametrize(("phone", "value"), [("mi-11", 1), ("redmi-note-9t", 0)])
def test_a_switch_that_lies_shows_what_was_written_and_charges_on(phone: str, value: int) -> None:
    machine = half_full(phone)
    before_a = current_a(machine)
    throw(machine, value)
    assert machine.spec.battery.switch
    assert get(machine, file(machine, machine.spec.battery.switch.name)) == str(value)
    assert current_a(machine) == pytest.approx(before_a, rel=0.05)


def test_a_boot_forgets_what_was_written() -> None:
    machine = half_full("pixel-6")
    throw(machine, 0)
    machine.forget_settings()
    machine.advance(machine.now_ns + 10 * S)
    assert current_a(machine) < -0.5
