"""A lit screen draws power, warms the case, and is dark after a boot."""

import pytest

from devices.virtual.catalog import load, names
from devices.virtual.kernel.machine import Machine
from devices.virtual.physics.thermal import DISP
from tests.devices.soaking import S
from tests.devices.virtual.kernel.files import get, put

BACKLIGHT = "/sys/class/backlight/panel0-backlight"


def run(level: int, *, seconds: int = 600, phone: str = "pixel-6") -> Machine:
    machine = Machine(load(phone), 0)
    machine.set_charger(False)
    machine.set_screen(level)
    machine.advance(seconds * S)
    return machine


def test_the_screen_draws_what_its_file_says_and_warms_the_display() -> None:
    dark, dim, full = (run(level) for level in (0, 1, 255))
    display = load("pixel-6").display
    assert display
    watts = [machine.history.last.power_w for machine in (dark, dim, full)]
    assert watts[1] - watts[0] == pytest.approx(display.dim_w, rel=0.1)
    assert watts[2] - watts[0] == pytest.approx(display.full_w, rel=0.05)
    rises = [m.history.last.temps_c[DISP] - dark.history.last.temps_c[DISP] for m in (dim, full)]
    assert 0.5 < rises[0] < rises[1]


def test_every_watt_of_the_screen_is_in_the_account() -> None:
    account = run(255).truth()
    kept = account["heat_lost_j"], account["heat_stored_j"]
    assert sum(map(float, map(str, kept))) == pytest.approx(account["heat_in_j"], rel=2e-3)


def test_root_writes_the_backlight_and_a_boot_darkens_it() -> None:
    machine = run(0, seconds=1)
    put(machine, f"{BACKLIGHT}/brightness", 300)
    assert get(machine, f"{BACKLIGHT}/actual_brightness") == "255", "it goes no further"
    machine.advance(2 * S)
    machine.forget_settings()
    assert get(machine, f"{BACKLIGHT}/brightness") == "0"


@pytest.mark.parametrize("name", names())
def test_every_phone_has_a_screen_of_a_plausible_power(name: str) -> None:
    display = load(name).display
    assert display
    if name == "honor-v30-pro":  # its base load was fitted with a lit screen
        assert display.full_w == 0.0
    else:
        assert 0.15 <= display.dim_w < display.full_w <= 1.6
