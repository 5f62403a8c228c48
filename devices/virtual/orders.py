"""What the hand of God may set in a phone's world, and what it may look at."""

import json
import re
from collections.abc import Callable
from dataclasses import asdict

from devices.virtual.android import Android, Refused
from devices.virtual.faults.durations import seconds
from devices.virtual.kernel.radio import Radio
from devices.virtual.physics.network import Link

_RATE = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,6})?)(k|M|G)?bps")
_LOSS = re.compile(r"([0-9]{1,2}(?:\.[0-9]{1,6})?)%")
_PREFIXES = {None: 1.0, "k": 1e3, "M": 1e6, "G": 1e9}
_NETWORK = "network 5Mbps 40ms 1%: rate, round trip and loss, or network none"


def _ambient(phone: Android, words: list[str]) -> str:
    phone.world().set_ambient(_number(words, "ambient CELSIUS", -40, 85))
    return ""


def _trips(phone: Android, words: list[str]) -> str:
    phone.world().shift_trips(_number(words, "trips +KELVIN", -100, 100))
    return ""


def _battery(phone: Android, words: list[str]) -> str:
    phone.world().set_battery(_number(words, "battery PERCENT", 0, 100))
    return ""


def _load(phone: Android, words: list[str]) -> str:
    phone.world().set_background_load(_number(words, "load CORES", 0, 64))
    return ""


def _charger(phone: Android, words: list[str]) -> str:
    if words not in (["on"], ["off"]):
        raise Refused("charger on or charger off")
    phone.world()
    phone.switch_charger(words == ["on"])
    return ""


def _network(phone: Android, words: list[str]) -> str:
    """Put the phone into another network: rate both ways, round trip, loss of packets."""
    if words == ["none"]:
        phone.world().radio.link = Radio(phone.world().spec.radio).link
        return ""
    if len(words) not in (2, 3):
        raise Refused(_NETWORK)
    rate, trip, loss = (*words, "0%")[:3]
    bit_s, share = _RATE.fullmatch(rate), _LOSS.fullmatch(loss)
    if bit_s is None or share is None or not 0 <= float(share[1]) < 100:
        raise Refused(_NETWORK)
    try:
        rtt_s = seconds(trip)
    except ValueError as error:
        raise Refused(f"{_NETWORK}; {error}") from None
    per_s = float(bit_s[1]) * _PREFIXES[bit_s[2]]
    if not per_s:
        raise Refused(f"{_NETWORK}; without a rate nothing would ever arrive: fault drop is that")
    phone.world().radio.link = Link(per_s, per_s, rtt_s, float(share[1]) / 100)
    return ""


def _hal(phone: Android, words: list[str]) -> str:
    if words not in (["on"], ["off"]):
        raise Refused("hal on or hal off: whether the vendor's service puts clocks back")
    phone.world().set_power_service(words == ["on"])
    return ""


def truth(phone: Android) -> dict[str, object]:
    """Return what only the simulation knows of a phone, and how its boot, link and disk are."""
    machine = phone.world()
    return {**machine.truth(), "network": asdict(machine.radio.link), **phone.standing()}


def _log(phone: Android, _: list[str]) -> str:
    return json.dumps(phone.log())


ORDERS: dict[str, Callable[[Android, list[str]], str]] = {
    "ambient": _ambient,
    "trips": _trips,
    "battery": _battery,
    "load": _load,
    "charger": _charger,
    "hal": _hal,
    "network": _network,
    "log": _log,
}


def known_orders() -> str:
    """Return all orders in one line."""
    return ", ".join([*ORDERS, "truth", "fault"])


def _number(words: list[str], usage: str, low: float, high: float) -> float:
    try:
        (word,) = words
        value = float(word)
    except ValueError:
        raise Refused(f"{usage}, a number expected") from None
    if not low <= value <= high:
        raise Refused(f"{usage}: {value:g} is not between {low:g} and {high:g}")
    return value
