"""Real bytes from a virtual phone to a peer, beside a simulation that has a time of its own.

How long a transfer takes is the simulation's to say. What the tunnel adds is that the bytes really
travel, through whatever way adb offers, and that a peer which dies is noticed.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from devices.agent.peer import FIRST_PAUSE_S, LONGEST_PAUSE_S, PROTOCOL
from devices.agent.tensors import Frame, FrameError, FrameReader, Kind, text_frame

_CHUNK = 256 * 1024
_MOST_UNSENT = 4  # frames; beyond this the simulation is faster than the wire


class Stream(Protocol):
    """Both directions of a connection."""

    async def read(self, n: int = -1) -> bytes:
        """Return up to `n` bytes, b"" at the end."""

    async def write(self, data: bytes) -> None:
        """Send `data`."""

    def close(self) -> None:
        """Hang up."""


class Tunnel:
    """Keeps one connection alive: dials, greets, sends, dials again ever later."""

    def __init__(
        self,
        dial: Callable[[], Stream],
        greeting: Callable[[], Mapping[str, Any]],
        pause: Callable[[float], Awaitable[None]],
        changed: Callable[[str], None],
    ) -> None:
        self.facts: Mapping[str, Any] | None = None  # of HELLO_OK; None while nobody is there
        self.refusal: tuple[str, str] | None = None  # code and sentence of the last failure
        self.sent = self.answered = self.skipped = 0  # frames
        self._dial = dial
        self._greeting = greeting
        self._pause = pause  # of device time
        self._changed = changed  # told why: "" when the peer is there
        self._outbox: asyncio.Queue[Frame] = asyncio.Queue()
        self._task = asyncio.get_running_loop().create_task(self._keep())

    @property
    def is_up(self) -> bool:
        """Whether the peer has greeted back and is still there."""
        return self.facts is not None

    @property
    def is_settled(self) -> bool:
        """Whether the first try has ended, one way or the other."""
        return self.is_up or self.refusal is not None

    def send(self, frame: Frame) -> None:
        """Put a frame on its way, unless too many wait already."""
        if self._outbox.qsize() < _MOST_UNSENT:
            self._outbox.put_nowait(frame)
        else:
            self.skipped += 1

    def greet(self) -> None:
        """Say HELLO again: another cut is wanted."""
        if self.is_up:
            self._outbox.put_nowait(text_frame(Kind.HELLO, self._hello()))

    def close(self) -> None:
        """Hang up for good."""
        self._task.cancel()

    def _hello(self) -> Mapping[str, Any]:
        return {"proto": PROTOCOL, **self._greeting()}

    async def _keep(self) -> None:
        pause_s = FIRST_PAUSE_S / 2
        while True:
            try:
                await self._converse(self._dial())
                self._fall("io" if self.is_up else "connect", "the peer hung up")
            except (OSError, FrameError) as error:
                self._fall("connect" if not self.is_up else "io", str(error))
            except _Refused as refused:
                self._fall(refused.code, str(refused))
            pause_s = FIRST_PAUSE_S if self.was_up else min(2 * pause_s, LONGEST_PAUSE_S)
            self.was_up = False
            await self._pause(pause_s)

    was_up = False

    def _fall(self, code: str, sentence: str) -> None:
        self.facts = None
        self.refusal = (code, sentence)
        self._changed(code)

    async def _converse(self, stream: Stream) -> None:
        reader = FrameReader()
        self._outbox = asyncio.Queue()
        writing = asyncio.create_task(self._write(stream))
        try:
            await stream.write(text_frame(Kind.HELLO, self._hello()).encode())
            while data := await stream.read(_CHUNK):
                for frame in reader.feed(data):
                    self._take(frame)
        finally:
            writing.cancel()
            with contextlib.suppress(asyncio.CancelledError, OSError):
                await writing
            stream.close()

    def _take(self, frame: Frame) -> None:
        if frame.kind is Kind.HELLO_OK:
            was_up, self.facts, self.was_up = self.is_up, frame.text, True
            if not was_up:
                self._changed("")
        elif frame.kind is Kind.ERROR:
            raise _Refused(str(frame.text.get("code")), str(frame.text.get("msg", "")))
        else:
            self.answered += 1

    async def _write(self, stream: Stream) -> None:
        while True:
            frame = await self._outbox.get()
            await stream.write(frame.encode())
            self.sent += frame.kind is Kind.TENSOR


class _Refused(Exception):
    """The peer refuses what is asked of it."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
