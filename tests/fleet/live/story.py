"""A run that is being written, and viewers who connect to it as a browser does."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from asgiref.testing import ApplicationCommunicator
from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection, connections
from django.test import Client

from fleet.asgi import application
from fleet.live.publisher import Publisher
from fleet.models import Device, Host, Run, Trial
from fleet.traces.store import TraceStore
from fleet.traces.stored import Block
from tests.fleet.traces.farm import FAST, rows_of

PATIENCE_S = 5.0


class Story:
    """One run in `measuring` with one trial and the group `FAST`; stored and published."""

    def __init__(self, client: Client) -> None:
        person = get_user_model().objects.create_user("ada", password="lovelace-1843")
        client.force_login(person)
        self.cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        host, _ = Host.objects.get_or_create(name="here")
        device = Device.objects.create(host=host, serial="one", kind="virtual")
        self.run = Run.objects.create(
            benchmark="thermal_soak",
            spec_json={},
            state="measuring",
            fence=4,
            attempt=1,
            device=device,
            device_json={"kind": "virtual"},
            provenance={"speed": 20.0},
        )
        self.trial = Trial.objects.create(run=self.run, attempt=1, number=1)
        connection.ensure_connection()
        self.store = TraceStore(connection.connection, self.run.pk, 4)
        self.publisher = Publisher(self.run.pk)
        self.publisher.publish_event(self.store.declare_group(self.trial.pk, FAST))
        self._row = 0

    def write(self, rows: int = 10, *, publish: bool = True) -> Block:
        """Store the next rows, and tell the viewers unless the message is to be lost."""
        clock, raw, valid = rows_of(self._row, rows)
        block = self.store.insert_block(self.trial.pk, 0, self._row, clock, raw, valid)
        self._row = block.next_row
        if publish:
            self.publisher.publish_block(block)
        return block

    def close(self) -> None:
        """Let go of Valkey."""
        self.publisher.close()

    @property
    def path(self) -> str:
        """Where this run is watched."""
        return f"/ws/runs/{self.run.pk}/"


class Viewer:
    """One websocket of a browser."""

    def __init__(self, path: str, cookie: str) -> None:
        path, _, query = path.partition("?")
        headers = [(b"origin", b"http://127.0.0.1"), (b"host", b"127.0.0.1")]
        if cookie:
            headers.append((b"cookie", f"{settings.SESSION_COOKIE_NAME}={cookie}".encode()))
        scope = {
            "type": "websocket",
            "path": path,
            "query_string": query.encode(),
            "headers": headers,
            "subprotocols": [],
        }
        communicator: Any = ApplicationCommunicator  # asgiref has no types here
        self._socket = communicator(application, scope)

    async def output(self) -> dict[str, Any]:
        """Return the next thing that the server does."""
        done: dict[str, Any] = await self._socket.receive_output(timeout=PATIENCE_S)
        return done

    async def connect(self) -> None:
        """Open; the server must accept."""
        await self._socket.send_input({"type": "websocket.connect"})
        assert (await self.output())["type"] == "websocket.accept"

    async def disconnect(self) -> None:
        """Close, and wait until the server has cleaned up."""
        await self._socket.send_input({"type": "websocket.disconnect", "code": 1000})
        await self._socket.wait(timeout=PATIENCE_S)

    async def receive(self) -> Any:
        """Return the next message: bytes of a frame, or JSON."""
        message = await self.output()
        text = message.get("text")
        return message["bytes"] if text is None else json.loads(text)

    async def hears_nothing(self, for_s: float) -> bool:
        """Return whether nothing comes for a while."""
        nothing: bool = await self._socket.receive_nothing(timeout=for_s)
        return nothing

    async def say(self, text: str) -> None:
        """Send text to the server."""
        await self._socket.send_input({"type": "websocket.receive", "text": text})

    async def send(self, **operation: Any) -> None:
        """Ask the server for something."""
        await self.say(json.dumps(operation))

    async def closing_code(self) -> int:
        """Return why the server closed."""
        message = await self.output()
        assert message["type"] == "websocket.close"
        return int(message["code"])


@asynccontextmanager
async def viewing(path: str, cookie: str) -> AsyncIterator[Viewer]:
    """Connect, and disconnect at the end."""
    viewer = Viewer(path, cookie)
    await viewer.connect()
    try:
        yield viewer
    finally:
        await viewer.disconnect()


def played(story: Callable[[], Awaitable[None]]) -> None:
    """Run a coroutine to its end and give back the database connections of its threads."""

    async def whole() -> None:
        try:
            await story()
        finally:
            await database_sync_to_async(connections.close_all)()

    asyncio.run(whole())
