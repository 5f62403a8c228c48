"""The phone's adbd: a TCP port, the connections to it, and the ways in which a link can fail."""

import asyncio
from enum import StrEnum

from devices.virtual.adbd.target import Target
from devices.virtual.adbd.transport import Transport

LOOPBACK = "127.0.0.1"  # adb over TCP has no authentication: never on a network


class Link(StrEnum):
    """How the link to the host is."""

    UP = "up"  #: answers as it should
    UNAUTHORIZED = "unauthorized"  #: waits for somebody to tap on Allow
    OFFLINE = "offline"  #: accepts connections, never answers
    HANG = "hang"  #: what is connected stays, but nothing moves
    DOWN = "down"  #: the port is closed


class AdbDaemon:
    """One phone's adbd."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self.port = 0  # set it before `start`; 0: any that is free
        self.link = Link.UP
        self._server: asyncio.Server | None = None
        self._transports: set[Transport] = set()

    async def start(self) -> None:
        """Listen; a port of 0 becomes the one that the kernel gave."""
        loop = asyncio.get_running_loop()
        # Whoever sets the link anew cancels this: nothing listens that `stop` does not know.
        self._server = await loop.create_server(
            self._new_transport, LOOPBACK, self.port, start_serving=False
        )
        self.port = self._server.sockets[0].getsockname()[1]
        await self._server.start_serving()

    async def stop(self) -> None:
        """Close the port and every connection."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self._cut()

    async def set_link(self, link: Link) -> None:
        """Make the link so; a change is felt by the hosts that are connected."""
        was, self.link = self.link, link
        if link is Link.DOWN:
            await self.stop()
        elif link is Link.UP:
            await self._come_up(was)
        elif link is Link.HANG:
            for transport in self._transports:
                transport.mute(True)
        else:
            self._cut()
        if self._server is None and link is not Link.DOWN:
            await self.start()

    def restart(self) -> None:
        """Drop every connection; hosts come back by themselves."""
        self._cut()

    async def _come_up(self, was: Link) -> None:
        if was is Link.OFFLINE:
            self._cut()
        for transport in self._transports:
            if was is Link.HANG:
                transport.mute(False)
            elif was is Link.UNAUTHORIZED:
                transport.authorize()

    def _new_transport(self) -> Transport:
        self._transports = {known for known in self._transports if not known.gone.is_set()}
        transport = Transport(
            self._target,
            is_open=self.link is not Link.UNAUTHORIZED,
            is_mute=self.link in (Link.OFFLINE, Link.HANG),
        )
        self._transports.add(transport)
        return transport

    def _cut(self) -> None:
        for transport in self._transports:
            transport.abort()
        self._transports.clear()
