"""The publisher speaks the layer's own format and never holds a measurement up."""

import asyncio
import json
import socket
from typing import Any

import pytest
import redis
from channels.layers import get_channel_layer
from pytest_django import Settings

from devices.clock import HOST, NS_PER_S
from fleet.live import viewers
from fleet.live.publisher import Publisher
from fleet.local.valkey import Valkey
from fleet.traces.stored import Block

LIMIT_S = 20.0
BLOCK = Block(trial=1, group=0, i0=0, rows=5, t0=0, t1=40, seq=9, data=b"bytes")


def test_publisher_sends_the_very_bytes_that_the_layer_would(
    live_settings: None, valkey: Valkey
) -> None:
    with redis.Redis.from_url(valkey.url) as client, client.pubsub() as ear:
        ear.subscribe("asgi__group__fleet")
        assert ear.get_message(timeout=5)
        publisher = Publisher()
        publisher.publish_fleet({"ev": "queue", "waiting": 2})
        publisher.close()
        ours = ear.get_message(timeout=5)

        async def by_the_layer() -> None:
            layer: Any = get_channel_layer()
            text = json.dumps({"ev": "queue", "waiting": 2})
            message = {"type": "live", "group": "fleet", "seq": 0, "text": text}
            await layer.group_send("fleet", message)
            await layer.flush()

        asyncio.run(by_the_layer())
        theirs = ear.get_message(timeout=5)
    assert ours
    assert ours == theirs


def elapsed_s(since_ns: int) -> float:
    """Return the host seconds since a moment."""
    return (HOST.now_ns() - since_ns) / NS_PER_S


def test_server_that_hangs_costs_a_quarter_of_a_second_once(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.VALKEY_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        publisher = Publisher(7)
        started = HOST.now_ns()
        for _ in range(1_000):
            publisher.publish_block(BLOCK)
        assert elapsed_s(started) < LIMIT_S, "a thousand quarters are 250 s"
        publisher.close()
    assert caplog.text.count("viewers of run.7") == 1


def test_dead_server_is_asked_again_after_a_second(
    settings: Settings, valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.VALKEY_URL = "unix:///nowhere/valkey.sock"
    publisher = Publisher(7)
    publisher.publish_block(BLOCK)
    settings.VALKEY_URL = valkey.url
    revived = Publisher(7)
    revived._silent_until_ns = publisher._silent_until_ns
    with redis.Redis.from_url(valkey.url) as client, client.pubsub() as ear:
        ear.subscribe("asgi__group__run.7")
        assert ear.get_message(timeout=5)
        revived.publish_block(BLOCK)
        assert ear.get_message(timeout=0.1) is None
        later = HOST.now_ns() + 2 * NS_PER_S
        monkeypatch.setattr(HOST, "now_ns", lambda: later)
        revived.publish_block(BLOCK)
        assert ear.get_message(timeout=5)
    for each in (publisher, revived):
        each.close()


def test_nobody_watches_when_nobody_can_be_asked(settings: Settings) -> None:
    settings.VALKEY_URL = "unix:///nowhere/valkey.sock"
    viewers.note_viewer(7)
    publisher = Publisher(7)
    assert not publisher.is_watched()
    publisher.close()
