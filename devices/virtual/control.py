"""The hand of God: a unix socket through which tests and demos change a phone's world."""

import asyncio
import contextlib
import json
import socket
from collections.abc import Iterable
from pathlib import Path

from devices.clock import HOST, NS_PER_S
from devices.virtual.android import Android, Refused
from devices.virtual.faults import Faults, Waiting
from devices.virtual.faults.story import Happening, play
from devices.virtual.orders import ORDERS, known_orders, truth
from devices.virtual.pulse import Pulse
from devices.virtual.records import Records

_ALL = "all"
_LIMIT_S = 10.0
_MAX_REQUEST = 64 * 1024


class Control:
    """Serves one unix socket for all phones of this process."""

    def __init__(
        self, phones: Iterable[Android], pulse: Pulse, records: Records | None = None
    ) -> None:
        self._phones = tuple(phones)
        self._pulse = pulse
        self._records = records
        self._plays: list[asyncio.Task[None]] = []
        self._server: asyncio.Server | None = None
        self._path: Path | None = None
        self._faults = Faults()

    async def start(self, path: Path) -> None:
        """Listen at `path`, for this user alone."""
        door = _bind(path)
        self._path = path
        self._server = await asyncio.start_unix_server(self._serve, sock=door, limit=_MAX_REQUEST)

    async def stop(self) -> None:
        """Close the socket and forget what was to end later."""
        if self._server is not None:
            self._server.close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        for task in self._plays:
            task.cancel()
        if self._records is not None:
            self._records.stop()
        self._faults.stop()

    def play(self, story: Iterable[Happening]) -> None:
        """Let a story happen, each phone by its own time; from now on records are kept."""
        if self._records is not None:
            self._records.start()
        happenings = list(story)
        for phone in self._phones:
            mine = [happening for happening in happenings if happening.phone == phone.serialno]
            self._plays.append(asyncio.create_task(self._play(phone, mine)))

    async def _play(self, phone: Android, story: list[Happening]) -> None:
        async def act(happening: Happening) -> None:
            # A story that says no sense to a phone goes on: the record tells that it was refused.
            with contextlib.suppress(Refused):
                await self._obey(phone, list(happening.words), phone.clock)

        await play(story, lambda: phone.clock.now_ns() / NS_PER_S, phone.clock.wait_async, act)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = json.loads(await reader.readline())
            answer = {"ok": True, "text": await self._tell(request["serial"], request["words"])}
        except Refused as reason:
            answer = {"ok": False, "text": str(reason)}
        except (ValueError, KeyError, TypeError):
            answer = {"ok": False, "text": "a request is one line: {serial, words}"}
        writer.write(json.dumps(answer).encode() + b"\n")
        await writer.drain()
        writer.close()

    async def _tell(self, serial: str, words: list[str]) -> str:
        """Tell one phone, or all at once as a hub does that loses its power."""
        if serial != _ALL:
            return await self._obey(self._find(serial), words, HOST)
        answers = [await self._obey(phone, words, HOST) for phone in self._phones]
        return "\n".join(answer for answer in answers if answer)

    async def _obey(self, phone: Android, words: list[str], clock: Waiting) -> str:
        try:
            answer = await self._do(phone, words, clock)
        except Refused as refusal:
            self._note(phone, words, str(refusal))
            raise
        self._note(phone, words)
        return answer

    async def _do(self, phone: Android, words: list[str], clock: Waiting) -> str:
        if words[:1] == ["fault"]:
            await self._faults.cause(phone, words[1:], clock)
            return ""
        if words == ["truth"]:
            return json.dumps({**truth(phone), **self._pulse.standing()})
        command = ORDERS.get(words[0] if words else "")
        if command is None:
            raise Refused(f"unknown command {' '.join(words)!r}; there are: {known_orders()}")
        return command(phone, words[1:])

    def _note(self, phone: Android, words: list[str], refusal: str = "") -> None:
        if self._records is not None and words[:1] not in (["truth"], ["log"]):
            self._records.note(phone, words, refusal)

    def _find(self, serial: str) -> Android:
        """Return the phone that adb, or the phone itself, calls `serial`."""
        for phone in self._phones:
            if serial in (phone.serial, phone.serialno):
                return phone
        known = ", ".join(phone.serial for phone in self._phones)
        raise Refused(f"no phone {serial!r} here; there are: {known}, or {_ALL}")


def ask(path: Path, serial: str, words: list[str]) -> str:
    """Say `words` to the control door at `path` and return the answer.

    Raises:
        Refused: what the door says, or that there is none.
    """
    try:
        with socket.socket(socket.AF_UNIX) as door:
            door.settimeout(_LIMIT_S)
            door.connect(str(path))
            door.sendall(json.dumps({"serial": serial, "words": words}).encode() + b"\n")
            with door.makefile("rb") as lines:
                answer = json.loads(lines.readline())
    except (OSError, ValueError) as error:
        raise Refused(f"no virtual phones answer at {path}: {error}") from None
    if not answer["ok"]:
        raise Refused(answer["text"])
    return str(answer["text"])


def _bind(path: Path) -> socket.socket:
    """Return a socket at `path` that this user alone may open; Refused where there can be none."""
    door = socket.socket(socket.AF_UNIX)
    try:
        path.unlink(missing_ok=True)
        door.bind(str(path))
        path.chmod(0o600)
    except OSError as error:
        door.close()
        raise Refused(
            f"no control socket can be made at {path}: {error.strerror or error}"
        ) from None
    return door
