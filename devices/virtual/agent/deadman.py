"""Stops a load whose owner has gone silent; pure, in device time."""

from dataclasses import dataclass
from enum import Enum, auto

_NS_PER_MS = 1_000_000


class Silence(Enum):
    """How silent the owner is."""

    NONE = auto()  #: it spoke in time
    STOP = auto()  #: the load must stop now
    LEAVE = auto()  #: the agent must leave too


@dataclass(slots=True)
class DeadMan:
    """Two deadlines that the owner moves by speaking, and a third after which all hope is gone."""

    hb_ms: int
    lease_ms: int
    grace_ms: int
    heard_ns: int
    pinged_ns: int
    silent_since_ns: int | None = None

    def hear(self, now_ns: int) -> None:
        """Note a line from the owner."""
        self.heard_ns = now_ns

    def ping(self, now_ns: int, lease_ms: int | None) -> None:
        """Note a beat, and how much lease time the owner has left."""
        self.pinged_ns = now_ns
        if lease_ms is not None:
            self.lease_ms = lease_ms

    def silence(self, now_ns: int) -> Silence:
        """Return what the owner's silence asks for at `now_ns`; once silent, only `open` helps."""
        if self.silent_since_ns is not None:
            gone_ns = now_ns - self.silent_since_ns
            return Silence.LEAVE if gone_ns > self.grace_ms * _NS_PER_MS else Silence.STOP
        is_unheard = now_ns - self.heard_ns > self.hb_ms * _NS_PER_MS
        is_unleased = now_ns - self.pinged_ns > self.lease_ms * _NS_PER_MS
        if not (is_unheard or is_unleased):
            return Silence.NONE
        self.silent_since_ns = now_ns
        return Silence.STOP
