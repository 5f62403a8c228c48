"""The hand of God changes a phone's world, and says what it will not do."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from devices.phone import Phone
from devices.virtual.android import Refused
from devices.virtual.control import ask
from tests.parts.adb import ROOT, VirtualPhones


def _truth(farm: VirtualPhones) -> dict[str, object]:
    facts = json.loads(farm.ctl(farm.serials[1], "truth"))
    assert isinstance(facts, dict)
    return facts


def test_the_weather_can_be_set(farm: VirtualPhones) -> None:
    farm.ctl(farm.serials[1], "ambient", "35")
    assert _truth(farm)["ambient_c"] == 35
    farm.ctl(farm.serials[1], "ambient", "22")


def test_the_battery_can_be_set(farm: VirtualPhones) -> None:
    farm.ctl(farm.serials[1], "battery", "20")
    charge = _truth(farm)["charge"]
    assert isinstance(charge, float)
    assert 0.19 < charge < 0.21
    farm.ctl(farm.serials[1], "battery", "80")


def test_the_network_can_be_made_bad_and_good_again(farm: VirtualPhones) -> None:
    usual = _truth(farm)["network"]
    farm.ctl(farm.serials[1], "network", "5Mbps", "40ms", "1%")
    bad = {"up_bit_s": 5e6, "down_bit_s": 5e6, "rtt_s": 0.04, "loss": 0.01}
    assert _truth(farm)["network"] == bad
    assert usual != bad, "the control"
    farm.ctl(farm.serials[1], "network", "none")
    assert _truth(farm)["network"] == usual


def test_a_phone_that_did_nothing_has_an_empty_log(farm: VirtualPhones) -> None:
    assert json.loads(farm.ctl(farm.serials[1], "log")) == []


def test_the_phone_may_be_named_as_it_names_itself(farm: VirtualPhones) -> None:
    facts = json.loads(farm.ctl("virt-honor-v30-pro-2", "truth"))
    assert facts["link"] == "up"
    assert facts["behind_s"] >= 0


def test_a_lost_sensor_reads_as_an_error_and_the_others_go_on(
    farm: VirtualPhones, phone: Phone
) -> None:
    zones = "/sys/class/thermal"
    names = farm.adb("shell", "cat", f"{zones}/thermal_zone*/type").stdout.split()
    farm.ctl(farm.serials[0], "fault", "sensor-lost", names[0])
    assert phone.run(["cat", f"{zones}/thermal_zone0/temp"]).returncode == 1
    assert phone.run(["cat", f"{zones}/thermal_zone1/temp"]).returncode == 0
    farm.ctl(farm.serials[0], "fault", "none")
    assert phone.run(["cat", f"{zones}/thermal_zone0/temp"]).returncode == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("weather",), "unknown command 'weather'; there are: ambient"),
        ((), "unknown command ''"),
        (("ambient",), "ambient CELSIUS, a number expected"),
        (("ambient", "hot"), "ambient CELSIUS, a number expected"),
        (("ambient", "nan"), "is not between"),
        (("ambient", "300"), "300 is not between -40 and 85"),
        (("network", "fast"), "network 5Mbps 40ms 1%"),
        (("network", "0Mbps", "4ms"), "nothing would ever arrive"),
        (("network", "5Mbps", "4"), "a duration such as"),
        (("charger", "maybe"), "charger on or charger off"),
        (("fault", "flood"), "a fault is one of drop, unauthorized"),
        (("fault", "drop", "--for", "ever"), "--for: a duration such as"),
        (("fault", "sensor-lost", "nose"), "nose"),
    ],
)
def test_nonsense_is_refused_in_one_sentence(
    farm: VirtualPhones, words: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(Refused) as refusal:
        farm.ctl(farm.serials[1], *words)
    assert sentence in str(refusal.value)
    assert len(str(refusal.value).splitlines()) == 1


def test_who_asks_for_an_unknown_phone_is_told_who_is_there(farm: VirtualPhones) -> None:
    command = [sys.executable, "-m", "devices.virtual", "ctl", "--control", str(farm.control)]
    done = subprocess.run(
        [*command, "nobody", "truth"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, farm.serials[0] in done.stderr) == (2, True)


def test_a_closed_door_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no virtual phones answer at"):
        ask(tmp_path / "nobody", "serial", ["truth"])
