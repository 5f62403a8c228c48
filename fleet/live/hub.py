"""One per event loop: takes every message from the group layer at once, hands it to the sockets.

The layer's own queues have no limit, so nothing may ever wait between them and the mailboxes,
which do: a slow browser loses its own oldest messages and costs nobody else anything.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

from channels.layers import get_channel_layer

from fleet.live import frames

MAILBOX_SIZE = 16  # messages


@dataclass(frozen=True)
class Live:
    """One published message, shared by all mailboxes."""

    seq: int  # 0 for messages without a place in a stream
    frame: bytes | None = None
    text: str | None = None

    @cached_property
    def columns(self) -> str:
        """The frame as JSON, made once however many clients want it."""
        return frames.columns(self.frame or b"")


class Mailbox:
    """The newest messages for one socket; the oldest are let go when it is full."""

    def __init__(self, size: int = MAILBOX_SIZE) -> None:
        self._messages: deque[Live] = deque(maxlen=size)
        self._news = asyncio.Event()

    def put(self, message: Live) -> None:
        """Add a message; never waits."""
        self._messages.append(message)
        self._news.set()

    def wake(self) -> None:
        """Let `take` return although there may be no message."""
        self._news.set()

    async def take(self) -> list[Live]:
        """Wait for news; return the messages that are there, oldest first."""
        await self._news.wait()
        self._news.clear()
        taken = list(self._messages)
        self._messages.clear()
        return taken


class Hub:
    """Holds one channel of the group layer and the mailboxes of each group."""

    def __init__(self) -> None:
        self._layer: Any = get_channel_layer()
        self._mailboxes: dict[str, set[Mailbox]] = defaultdict(set)
        self._lock = asyncio.Lock()
        self._channel = ""
        self._drain: asyncio.Task[None] | None = None

    async def join(self, group: str, mailbox: Mailbox) -> None:
        """Put the messages of `group` into `mailbox` from now on."""
        async with self._lock:
            if self._drain is None:
                self._channel = await self._layer.new_channel()
                self._drain = asyncio.create_task(self._deliver())
            if not self._mailboxes[group]:
                await self._layer.group_add(group, self._channel)
            self._mailboxes[group].add(mailbox)

    async def leave(self, group: str, mailbox: Mailbox) -> None:
        """Forget `mailbox`; the last one of a group ends its subscription."""
        async with self._lock:
            self._mailboxes[group].discard(mailbox)
            if not self._mailboxes[group]:
                del self._mailboxes[group]
                await self._layer.group_discard(group, self._channel)
            if not self._mailboxes and self._drain is not None:
                self._drain.cancel()
                with suppress(asyncio.CancelledError):
                    await self._drain
                self._drain = None

    async def _deliver(self) -> None:
        # No timeout around `receive`: cancelling it unsubscribes the channel.
        while True:
            self._hand_out(await self._layer.receive(self._channel))

    def _hand_out(self, message: Mapping[str, Any]) -> None:
        live = Live(message["seq"], message.get("frame"), message.get("text"))
        for mailbox in self._mailboxes.get(message["group"], ()):
            mailbox.put(live)


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def current() -> Hub:
    """Return the hub of the running event loop."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())
