"""What happened to phones and what they recorded, in files, for checking what was stored."""

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from devices.virtual.android import Android, Refused
from devices.virtual.kernel.machine import Machine
from devices.virtual.phone import VirtualPhone
from devices.virtual.physics.thermal import NODES

_PERIOD_S = 1  # of device time between two lines of the hidden truth
_NS = 1_000_000_000


class Records:
    """Per phone: `NAME.truth.jsonl`, `NAME.events.jsonl`, and at the end `NAME.log.json`."""

    def __init__(self, folder: Path, phones: Iterable[Android]) -> None:
        self._folder = folder
        self._phones = tuple(phones)
        self._tasks: list[asyncio.Task[None]] = []
        folder.mkdir(parents=True, exist_ok=True)

    def start(self) -> None:
        """Begin to write."""
        for phone in self._phones:
            if isinstance(phone, VirtualPhone):
                lines = (self._folder / f"{phone.serialno}.truth.jsonl").open("w")
                self._tasks.append(asyncio.create_task(_write_truth(phone, lines)))

    def stop(self) -> None:
        """Write what the phones recorded themselves."""
        for task in self._tasks:
            task.cancel()
        for phone in self._phones:
            try:
                log = phone.log()
            except Refused:
                continue
            (self._folder / f"{phone.serialno}.log.json").write_text(json.dumps(log))

    def note(self, phone: Android, words: Iterable[str], refusal: str = "") -> None:
        """Write down what somebody did to a phone, and whether it was refused."""
        row = {"t_ns": phone.clock.now_ns(), "words": list(words), "refused": refusal}
        with (self._folder / f"{phone.serialno}.events.jsonl").open("a") as lines:
            lines.write(json.dumps(row) + "\n")


class Truth:
    """A line for each whole second of a phone, none of which is forgotten before it was written."""

    def __init__(self, machine: Machine, lines: TextIO) -> None:
        self._machine, self._lines = machine, lines
        self._second = 0
        machine.followers.add(self)

    def follow(self, to_ns: int) -> None:
        """Write every second up to `to_ns`."""
        while self._second * _NS <= to_ns:
            line = truth_at(self._machine, self._second * _NS)
            self._lines.write(json.dumps(line) + "\n")
            self._second += _PERIOD_S


async def _write_truth(phone: VirtualPhone, lines: TextIO) -> None:
    """Write what has become the past, about once a second of device time."""
    with lines:
        truth = Truth(phone.world(), lines)
        while True:
            truth.follow(phone.world().now_ns)
            lines.flush()
            await phone.clock.wait_async(_PERIOD_S)


def truth_at(machine: Machine, t_ns: int) -> dict[str, object]:
    """Return the hidden state of a phone at an instant of its recent past."""
    before, moment, share = machine.history.at(t_ns)
    pairs = zip(NODES, before.temps_c, moment.temps_c, strict=True)
    return {
        "t_ns": t_ns,
        "temps_c": {name: round(a + (b - a) * share, 6) for name, a, b in pairs},
        "power_w": moment.power_w,
        "caps_khz": list(moment.caps),
        "points": list(moment.points),
        "charge": moment.battery.charge,
    }
