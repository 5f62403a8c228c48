"""What can go wrong with a device on request, when, and for how long."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from devices.clock import HOST
from devices.virtual.android import Android, Refused
from devices.virtual.faults.acts import act_of
from devices.virtual.faults.durations import seconds

__all__ = ["Faults", "Waiting"]


class Waiting(Protocol):
    """A clock that a coroutine can wait on."""

    async def wait_async(self, seconds: float) -> None: ...


class Faults:
    """Causes faults and ends those that were to last for a while."""

    def __init__(self) -> None:
        self._healing: dict[str, asyncio.Task[None]] = {}  # serialno -> what ends its fault
        self._coming: set[asyncio.Task[None]] = set()  # each called by its serialno

    async def cause(self, device: Android, words: list[str], clock: Waiting = HOST) -> None:
        """Do what `words` say: `drop --for 5s`, `reboot --at 12s`, `sensor-lost skin`, `none`.

        `none` ends what is and forgets what was to come.
        `clock` counts the seconds: of this machine where a person asks, of the phone in a story.

        Raises:
            Refused: if they name no fault; nothing has happened then.
        """
        words, at_s = _split(words, "--at")
        words, for_s = _split(words, "--for")
        act = act_of(device, words)
        if at_s is None:
            if words == ["none"]:
                self._forget_coming(device.serialno)
            await self._begin(device, act, for_s, clock)
            return
        begin = self._begin_later(device, act, at_s, for_s, clock)
        task = asyncio.create_task(begin, name=device.serialno)
        self._coming.add(task)
        task.add_done_callback(self._coming.discard)

    def stop(self) -> None:
        """Forget what was to begin or to end later."""
        for task in self._coming:
            task.cancel()
        for serialno in list(self._healing):
            self._forget(serialno)

    async def _begin_later(
        self,
        device: Android,
        act: Callable[[], Awaitable[None]],
        at_s: float,
        for_s: float | None,
        clock: Waiting,
    ) -> None:
        await clock.wait_async(at_s)
        await self._begin(device, act, for_s, clock)

    async def _begin(
        self,
        device: Android,
        act: Callable[[], Awaitable[None]],
        for_s: float | None,
        clock: Waiting,
    ) -> None:
        # The end of an older fault must not end this one.
        self._forget(device.serialno)
        await act()
        if for_s is not None:
            self._healing[device.serialno] = asyncio.create_task(_heal_later(device, for_s, clock))

    def _forget_coming(self, serialno: str) -> None:
        for task in self._coming:
            if task.get_name() == serialno:
                task.cancel()

    def _forget(self, serialno: str) -> None:
        task = self._healing.pop(serialno, None)
        if task is not None:
            task.cancel()


async def _heal_later(device: Android, for_s: float, clock: Waiting) -> None:
    await clock.wait_async(for_s)
    await device.heal()


def _split(words: list[str], option: str) -> tuple[list[str], float | None]:
    """Return the words without `--for 5s`, and its seconds."""
    if option not in words:
        return words, None
    at = words.index(option)
    try:
        span_s = seconds(words[at + 1] if at + 1 < len(words) else "")
    except ValueError as error:
        raise Refused(f"{option}: {error}") from None
    return words[:at] + words[at + 2 :], span_s
