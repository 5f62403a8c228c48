"""One TCP connection of a host: moves bytes between the socket, the state machine and services."""

import asyncio
import logging
import os
from collections.abc import Coroutine

from devices.virtual.adbd import services
from devices.virtual.adbd.connection import (
    TOKEN_BYTES,
    Closed,
    Connection,
    Drained,
    Established,
    Event,
    Opened,
    Received,
)
from devices.virtual.adbd.packets import ProtocolError
from devices.virtual.adbd.services.reverse import Reverse
from devices.virtual.adbd.socket import AdbSocket, SocketPort
from devices.virtual.adbd.target import Target

log = logging.getLogger(__name__)


class Transport(asyncio.Protocol):
    """The shell around `Connection` for asyncio."""

    def __init__(self, target: Target, *, is_open: bool = True, is_mute: bool = False) -> None:
        self._target = target
        self._connection = Connection(
            str(target.banner), lambda: os.urandom(TOKEN_BYTES), is_open=is_open
        )
        self._is_mute = is_mute  # an offline or hanging phone: it takes and says nothing
        self._tcp: asyncio.Transport | None = None
        self._is_cut = False
        self._sockets: dict[int, AdbSocket] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._awaited: dict[int, asyncio.Future[AdbSocket]] = {}
        self._reverse = Reverse(target.sockets, self.open_on_host)
        self.gone = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember the TCP side."""
        assert isinstance(transport, asyncio.Transport)
        self._tcp = transport
        if self._is_cut:  # between the host's call and this moment
            transport.abort()
        elif self._is_mute:
            transport.pause_reading()

    def data_received(self, data: bytes) -> None:
        """Feed the state machine; a peer that breaks the protocol is dropped."""
        try:
            events = self._connection.receive(data)
        except ProtocolError as reason:
            log.warning("a host broke the protocol and was dropped: %s", reason)
            self.abort()
            return
        for event in events:
            self._act_on(event)
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        """End every service of this connection."""
        self._reverse.clear()
        for local in list(self._sockets):
            self._end(local)
        for future in self._awaited.values():
            future.cancel()
        self._tcp = None
        self.gone.set()

    def abort(self) -> None:
        """Cut the connection, as a pulled cable does."""
        self._is_cut = True
        if self._tcp is not None:
            self._tcp.abort()

    def mute(self, wanted: bool) -> None:
        """Hang: take nothing and say nothing, or go on where we stopped."""
        self._is_mute = wanted
        if self._tcp is None:
            return
        if wanted:
            self._tcp.pause_reading()
        else:
            self._tcp.resume_reading()
            self._flush()

    def authorize(self) -> None:
        """Let the host in."""
        self._connection.authorize()
        self._flush()

    async def open_on_host(self, service: str) -> AdbSocket:
        """Open `service` on the host's side.

        Raises:
            ConnectionRefusedError: if the host does not take it.
        """
        local = self._connection.open(service)
        future: asyncio.Future[AdbSocket] = asyncio.get_running_loop().create_future()
        self._awaited[local] = future
        self._flush()
        return await future

    def _act_on(self, event: Event) -> None:
        match event:
            case Opened(local, service):
                self._serve(local, service)
            case Established(local):
                self._settle(local)
            case Received(local, data):
                if local in self._sockets:
                    self._sockets[local].on_data(data)
            case Drained(local):
                if local in self._sockets:
                    self._sockets[local].on_drained()
            case Closed(local):
                self._on_closed(local)

    def _serve(self, local: int, name: str) -> None:
        service = services.find(name, self._target, self._reverse)
        if service is None:
            self._connection.refuse(local)
            return
        if not self._connection.accept(local):
            return
        socket = self._add_socket(local)
        task = asyncio.get_running_loop().create_task(self._run(local, service(socket)))
        self._tasks[local] = task

    async def _run(self, local: int, service: Coroutine[None, None, None]) -> None:
        """Run one service to its end; whatever goes wrong in it ends this stream alone."""
        try:
            await service
        except (BrokenPipeError, ConnectionRefusedError, EOFError):
            pass
        except Exception:
            log.exception("a service failed")
        finally:
            self._tasks.pop(local, None)
            socket = self._sockets.pop(local, None)
            if socket is not None:
                socket.close()

    def _settle(self, local: int) -> None:
        future = self._awaited.pop(local, None)
        if future is None or future.done():
            self._connection.close(local)  # whoever wanted it has left
        else:
            future.set_result(self._add_socket(local))

    def _on_closed(self, local: int) -> None:
        future = self._awaited.pop(local, None)
        if future is not None and not future.done():
            future.set_exception(ConnectionRefusedError("the host refused the stream"))
        self._end(local)

    def _end(self, local: int) -> None:
        """The host has closed: wake readers and writers, cancel the service."""
        socket = self._sockets.pop(local, None)
        if socket is not None:
            socket.on_closed()
        task = self._tasks.pop(local, None)
        if task is not None:
            task.cancel()

    def _add_socket(self, local: int) -> AdbSocket:
        connection = self._connection

        def write(data: bytes) -> None:
            connection.write(local, data)
            self._flush()

        def acknowledge() -> None:
            connection.acknowledge(local)
            self._flush()

        def close() -> None:
            self._sockets.pop(local, None)
            connection.close(local)
            self._flush()

        port = SocketPort(write, lambda: connection.queued(local), acknowledge, close)
        socket = AdbSocket(port)
        self._sockets[local] = socket
        return socket

    def _flush(self) -> None:
        if self._tcp is not None and not self._is_mute:
            self._tcp.write(self._connection.take_output())
