"""Tells the web processes what was just committed, and hears whether anybody cares.

One synchronous client that writes the group layer's own format: the layer's asynchronous
`group_send` costs a worker ten times as much. What is lost here is read from the store.
"""

import json
import logging
from collections.abc import Mapping
from typing import Any

import msgpack
from redis.exceptions import RedisError

from devices.clock import HOST, NS_PER_S
from fleet.live import frames
from fleet.live.valkey import client
from fleet.live.viewers import key_of
from fleet.traces.stored import Block, StoredEvent

log = logging.getLogger(__name__)

FLEET = "fleet"
LAYER_PREFIX = "asgi__group__"
PAUSE_AFTER_FAILURE_S = 1.0  # [s of host time]


def group_of(run: int) -> str:
    """Return the name of the group that a run's viewers join."""
    return f"run.{run}"


class Publisher:
    """Publishes for one run (or for none: the fleet alone)."""

    def __init__(self, run: int | None = None) -> None:
        self._run = run
        self._group = FLEET if run is None else group_of(run)
        self._valkey = client()
        self._silent_until_ns = 0

    def publish_block(self, block: Block) -> None:
        """Send a committed block to the viewers of the run."""
        self._send(self._group, {"seq": block.seq, "frame": frames.pack(block)})

    def publish_event(self, stored: StoredEvent) -> None:
        """Send a committed event to the viewers of the run."""
        self._send(self._group, {"seq": stored.seq, "text": frames.event(stored)})

    def publish_device(self, device: int, news: Mapping[str, Any]) -> None:
        """Tell the fleet page how a device is."""
        self.publish_fleet({"ev": "device", "device": device, **news})

    def publish_fleet(self, message: Mapping[str, Any]) -> None:
        """Tell the fleet page what changed; `message` has a word in `ev`."""
        self._send(FLEET, {"seq": 0, "text": json.dumps(dict(message), ensure_ascii=False)})

    def is_watched(self) -> bool:
        """Return whether somebody watched the run lately; False when Valkey does not answer."""
        if self._run is None or self._is_silent:
            return False
        try:
            return bool(self._valkey.exists(key_of(self._run)))
        except RedisError as error:
            self._fall_silent(error)
            return False

    def close(self) -> None:
        """Give the connection back."""
        self._valkey.close()

    def _send(self, group: str, content: Mapping[str, Any]) -> None:
        """Publish once; after a failure stay silent for a moment instead of trying again."""
        if self._is_silent:
            return
        # `type` would name a method of a consumer: it is fixed here and comes from no data.
        message = msgpack.packb({"type": "live", "group": group, **content})
        try:
            self._valkey.publish(LAYER_PREFIX + group, message)
        except RedisError as error:
            self._fall_silent(error)

    @property
    def _is_silent(self) -> bool:
        return HOST.now_ns() < self._silent_until_ns

    def _fall_silent(self, error: RedisError) -> None:
        self._silent_until_ns = HOST.now_ns() + round(PAUSE_AFTER_FAILURE_S * NS_PER_S)
        log.warning("viewers of %s are not told for a moment: %s", self._group, error)
