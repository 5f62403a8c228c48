"""Which port each phone listens on: the one it had, if that is known, else the next free one."""

import errno
import itertools
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from devices.clock import HOST, NS_PER_S
from devices.virtual.android import Android

# The adb server looks for emulators on these ports and would list a phone there twice.
EMULATOR_PORTS = range(5555, 5586)
_PATIENCE_S = 3.0  # phones that were killed let go of their ports within this host time
_LOOK_S = 0.1


class NoPort(Exception):
    """No port is left for a phone."""


def remembered(memory: Path | None) -> list[int]:
    """Return the ports that phones had; none if the file is missing or makes no sense."""
    try:
        return [int(port) for port in json.loads(memory.read_text())] if memory else []
    except (OSError, ValueError, TypeError):
        return []


def remember(memory: Path | None, phones: Sequence[Android]) -> None:
    """Keep the ports of phones for the next time."""
    if memory:
        memory.write_text(json.dumps([phone.adbd.port for phone in phones]))


async def listen(phones: Sequence[Android], first: int, known: Sequence[int] = ()) -> None:
    """Let phones listen; a phone is known by its port, to adb and in every run that waits for it.

    `first` is where to look for free ports from, 0 for any; `known` are the ports of last time.

    Raises:
        NoPort: if there are too many phones for the ports from `first` on.
    """
    ports = _ports(first)
    deadline_ns = HOST.now_ns() + round(_PATIENCE_S * NS_PER_S)
    for number, phone in enumerate(phones):
        if number >= len(known) or not await _listens_again(phone, known[number], deadline_ns):
            await _listen_anywhere(phone, ports)


async def _listens_again(phone: Android, port: int, deadline_ns: int) -> bool:
    """Whether a phone has the port that it had; whoever died with it may need a moment."""
    while not await _listens(phone, port):
        if HOST.now_ns() > deadline_ns:
            return False
        await HOST.wait_async(_LOOK_S)
    return True


async def _listen_anywhere(phone: Android, ports: Iterator[int]) -> None:
    for port in ports:
        if await _listens(phone, port):
            return
    raise NoPort("no port is left for a virtual phone")


async def _listens(phone: Android, port: int) -> bool:
    phone.adbd.port = port
    try:
        await phone.adbd.start()
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        return False
    return True


def _ports(first: int) -> Iterator[int]:
    """Yield ports from `first` on, around the ones that belong to emulators; 0 means any."""
    if first == 0:
        return itertools.repeat(0)
    return (port for port in range(first, 65536) if port not in EMULATOR_PORTS)
