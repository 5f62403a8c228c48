"""The websockets: the tail of a run's store, and what changes in the fleet."""

import asyncio
import json
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError, connection
from psycopg import Error

from devices.clock import HOST
from fleet.live import frames, hub, viewers
from fleet.live.hub import Live, Mailbox
from fleet.live.publisher import FLEET, group_of
from fleet.models import Run
from fleet.traces import layout, tail
from fleet.traces.stored import Block, StoredEvent

log = logging.getLogger(__name__)

NOT_LOGGED_IN = 4401
NO_SUCH_RUN = 4404
TRY_AGAIN = 1012


class LiveSocket(AsyncWebsocketConsumer):  # type: ignore[misc] # Channels has no types
    """A socket with a mailbox; one task of its own sends what arrives there."""

    channel_layer_alias = ""  # no layer channel per socket: the hub has one for all

    group = ""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve the socket, and leave nothing behind however it ends."""
        self.mailbox = Mailbox()
        self._tasks: list[asyncio.Task[None]] = []
        try:
            await super().__call__(scope, receive, send)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            if self.group:
                await hub.current().leave(self.group, self.mailbox)

    async def open(self, group: str) -> None:
        """Join `group` and start to send."""
        await hub.current().join(group, self.mailbox)
        self.group = group
        self.start(self._send_guarded())

    def start(self, work: Any) -> None:
        """Run `work` until the socket closes."""
        self._tasks.append(asyncio.create_task(work))

    async def send_all(self) -> None:
        """Send what comes into the mailbox, for ever."""
        while True:
            for message in await self.mailbox.take():
                await self.send(text_data=message.text)

    async def _send_guarded(self) -> None:
        try:
            await self.send_all()
        except (DatabaseError, Error) as error:
            log.warning("a viewer of %s has to come back: %s", self.group, error)
            await self.close(code=TRY_AGAIN)

    async def is_refused(self) -> bool:
        """Close the socket of somebody who is not logged in; a browser sees the code."""
        await self.accept()
        if self.scope["user"].is_authenticated:
            return False
        await self.close(code=NOT_LOGGED_IN)
        return True


class FleetConsumer(LiveSocket):
    """What changes in the fleet, one JSON message each; the page itself is the snapshot."""

    async def connect(self) -> None:
        """Let a logged-in user in."""
        if not await self.is_refused():
            await self.open(FLEET)


class RunConsumer(LiveSocket):
    """A run's stream from `since` on: first from the store, then live, in the order of `seq`."""

    async def connect(self) -> None:
        """Say hello, then replay and follow."""
        if await self.is_refused():
            return
        self.run: int = self.scope["url_route"]["kwargs"]["run"]
        query = parse_qs(self.scope["query_string"].decode())
        self.as_blocks = query.get("format", ["json"])[0] == "block"
        self.is_paused = False
        self._sent = 0  # newest seq that this client has
        self._wanted: int | None = _whole(query.get("since", [""])[0])
        # Join first: what is committed while we read the store is waiting in the mailbox then.
        await hub.current().join(group_of(self.run), self.mailbox)
        self.group = group_of(self.run)
        hello: Mapping[str, Any] | None = await database_sync_to_async(_hello)(self.run)
        if hello is None:
            await self.close(code=NO_SUCH_RUN)
            return
        await self.send(text_data=json.dumps({"ev": "hello", **hello}, ensure_ascii=False))
        if self._wanted is None:
            self._sent = hello["seq"]
        self.mailbox.wake()
        self.start(self._send_guarded())
        self.start(self._stay_noted())

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Take `since`, `pause` and `resume`; anything else is ignored."""
        match _parsed(text_data):
            case {"op": "since", "seq": int(seq)}:
                self._wanted = seq
                self.mailbox.wake()
            case {"op": "pause"}:
                self.is_paused = True
            case {"op": "resume"}:
                self.is_paused = False

    async def send_all(self) -> None:
        """Send replays that were asked for and live messages, each newer than the last."""
        while True:
            messages = await self.mailbox.take()
            await self._replay()
            for message in messages:
                if message.seq > self._sent and not self.is_paused:
                    await self._send_live(message)

    async def _replay(self) -> None:
        while self._wanted is not None:
            since, self._wanted = self._wanted, None
            self._sent = since
            while page := await database_sync_to_async(_page)(self.run, self._sent):
                for item in page:
                    await self._send_stored(item)
                    self._sent = item.seq
                if self._wanted is not None or len(page) < tail.PAGE:
                    break

    async def _send_stored(self, item: Block | StoredEvent) -> None:
        if isinstance(item, StoredEvent):
            await self.send(text_data=frames.event(item, frames.READ_BACK))
        else:
            await self._send_frame(frames.pack(item, frames.READ_BACK))

    async def _send_live(self, message: Live) -> None:
        has_hole = message.seq != self._sent + 1
        self._sent = message.seq
        if message.frame is None:
            text = message.text or ""
            await self.send(
                text_data=frames.event_with_flags(text, frames.DROPPED_BEFORE) if has_hole else text
            )
        elif has_hole:
            await self._send_frame(frames.with_flags(message.frame, frames.DROPPED_BEFORE))
        elif self.as_blocks:
            await self.send(bytes_data=message.frame)
        else:
            await self.send(text_data=message.columns)

    async def _send_frame(self, frame: bytes) -> None:
        if self.as_blocks:
            await self.send(bytes_data=frame)
        else:
            await self.send(text_data=frames.columns(frame))

    async def _stay_noted(self) -> None:
        note = sync_to_async(viewers.note_viewer, thread_sensitive=False)
        while True:
            if not self.is_paused:
                await note(self.run)
            await HOST.wait_async(viewers.REFRESH_S)


def _parsed(text: str | None) -> Any:
    try:
        return json.loads(text or "null")
    except ValueError:
        return None


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _hello(run: int) -> Mapping[str, Any] | None:
    """Return what a client must know before the first frame; None: no such run."""
    row = Run.objects.filter(pk=run).first()
    if row is None:
        return None
    last, first = tail.seq_range(_psycopg(), run)
    return {
        "seq": last,
        "from": first,
        "run": run,
        "state": row.state,
        "device_kind": row.device_kind,
        "speed": row.provenance.get("speed"),
        "trials": [trial.as_json() for trial in layout.trials_of(_psycopg(), run)],
    }


def _page(run: int, since: int) -> list[Block | StoredEvent]:
    return tail.read_tail(_psycopg(), run, since)


def _psycopg() -> Any:
    connection.ensure_connection()
    return connection.connection
