"""A vendor's service puts clocks back behind the back of whoever set them."""

from devices.virtual.catalog import load
from devices.virtual.kernel.hal import PATIENCE_S
from devices.virtual.kernel.machine import Machine
from tests.devices.soaking import S
from tests.devices.virtual.kernel.files import CPUFREQ, get, node_folder, put

POLICY = f"{CPUFREQ}/policy6"
PATIENCE_NS = round(PATIENCE_S * S)


def settings(machine: Machine) -> tuple[str, str, str]:
    return (
        get(machine, f"{POLICY}/scaling_governor"),
        get(machine, f"{POLICY}/scaling_max_freq"),
        get(machine, f"{node_folder(machine, 'mem')}/max_freq"),
    )


def meddled(*, is_on: bool, ns: int) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
    """Return the settings of boot, and those that stand so long after somebody changed them."""
    machine = Machine(load("pixel-6"), 0)
    own = settings(machine)
    machine.set_power_service(is_on)
    put(machine, f"{POLICY}/scaling_governor", "powersave")
    put(machine, f"{POLICY}/scaling_max_freq", 1_106_000)
    put(machine, f"{node_folder(machine, 'mem')}/max_freq", 1_014_000)
    machine.advance(ns)
    return own, settings(machine)


def test_it_lets_a_foreign_setting_stand_for_some_seconds_and_then_puts_it_back() -> None:
    _, before = meddled(is_on=True, ns=PATIENCE_NS - S // 2)
    assert before[:2] == ("powersave", "1106000")
    own, after = meddled(is_on=True, ns=PATIENCE_NS + S // 2)
    assert after == own


def test_switched_off_it_leaves_everything_alone() -> None:
    _, after = meddled(is_on=False, ns=600 * S)
    assert after[:2] == ("powersave", "1106000")


def test_it_does_not_fight_the_thermal_caps() -> None:
    machine = Machine(load("pixel-6"), 0)
    machine.set_power_service(True)
    put(machine, "/sys/class/thermal/cooling_device2/cur_state", 9)
    machine.advance(60 * S)
    assert get(machine, f"{POLICY}/scaling_max_freq") == "1745000"


def test_a_phone_file_can_wake_the_service_and_say_how_patient_it_is() -> None:
    machine = Machine(load("redmi-note-9s"), 0)
    path = f"{CPUFREQ}/policy6/scaling_governor"
    own = get(machine, path)
    put(machine, path, "powersave")
    machine.advance(19 * S)
    assert get(machine, path) == "powersave"
    machine.advance(22 * S)
    assert get(machine, path) == own
