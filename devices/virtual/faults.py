"""What can go wrong with a device on request, and for how long."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from functools import partial

from devices.clock import HOST
from devices.virtual.adbd.server import Link
from devices.virtual.android import Android, Refused

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0}
_LINKS = {
    "drop": Link.DOWN,
    "unauthorized": Link.UNAUTHORIZED,
    "offline": Link.OFFLINE,
    "hang": Link.HANG,
}
_USAGE = (
    "a fault is one of drop, unauthorized, offline, hang, reboot, sensor-lost ZONE, disk-full, "
    "none; --for 5s ends it"
)


class Faults:
    """Causes faults and ends those that were to last for a while."""

    def __init__(self) -> None:
        self._healing: dict[str, asyncio.Task[None]] = {}  # serialno -> what ends its fault

    async def cause(self, device: Android, words: list[str]) -> None:
        """Do what `words` say: `drop --for 5s`, `sensor-lost skin`, `none`.

        Raises:
            Refused: if they name no fault; nothing has happened then.
        """
        words, duration_s = _split(words)
        act = _act(device, words)
        # The end of an older fault must not end this one.
        self._forget(device.serialno)
        await act()
        if duration_s is not None:
            self._healing[device.serialno] = asyncio.create_task(_heal_later(device, duration_s))

    def stop(self) -> None:
        """Forget what was to end later."""
        for serialno in list(self._healing):
            self._forget(serialno)

    def _forget(self, serialno: str) -> None:
        task = self._healing.pop(serialno, None)
        if task is not None:
            task.cancel()


def _act(device: Android, words: list[str]) -> Callable[[], Awaitable[None]]:
    """Return what `words` ask for."""
    match words:
        case [("drop" | "unauthorized" | "offline" | "hang") as kind]:
            return partial(device.adbd.set_link, _LINKS[kind])
        case ["none"]:
            return device.heal
        case ["reboot"]:
            return _at_once(device.reboot)
        case ["disk-full"]:
            return _at_once(device.fill_disk)
        case ["sensor-lost", zone]:
            return _at_once(partial(device.lose_sensor, zone))
        case _:
            raise Refused(_USAGE)


def _at_once(act: Callable[[], None]) -> Callable[[], Awaitable[None]]:
    async def run() -> None:
        act()

    return run


async def _heal_later(device: Android, seconds: float) -> None:
    await HOST.wait_async(seconds)
    await device.heal()


def _split(words: list[str]) -> tuple[list[str], float | None]:
    """Return the words without `--for 5s`, and its seconds of this machine's time."""
    if "--for" not in words:
        return words, None
    at = words.index("--for")
    match = _DURATION.fullmatch(words[at + 1] if at + 1 < len(words) else "")
    if match is None:
        raise Refused("--for needs a duration such as 500ms, 5s or 2m")
    return words[:at] + words[at + 2 :], float(match[1]) * _SECONDS[match[2]]
