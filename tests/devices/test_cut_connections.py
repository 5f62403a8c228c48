"""A link that is cut in the very moment in which a host connects."""

import asyncio

from devices.virtual.adbd.server import LOOPBACK, AdbDaemon, Link
from devices.virtual.adbd.transport import Transport
from devices.virtual.catalog import load
from devices.virtual.clock import PhoneClock
from devices.virtual.phone import VirtualPhone
from devices.virtual.userspace.contents import ContentStore


def test_a_host_that_is_just_coming_is_cut_with_the_others() -> None:
    """Else it would keep a working link to a phone that is offline."""
    phone = VirtualPhone(load("pixel-6"), 1, ContentStore(), PhoneClock(1.0), 1)
    daemon: AdbDaemon = phone.adbd

    def come() -> Transport:
        transport = daemon._new_transport()
        daemon.restart()
        return transport

    async def connect() -> bytes:
        server = await asyncio.get_running_loop().create_server(come, LOOPBACK, 0)
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
        try:
            async with asyncio.timeout(5):
                return await reader.read(1)
        except ConnectionResetError:
            return b""
        finally:
            writer.close()
            server.close()

    assert daemon.link is Link.UP
    assert asyncio.run(connect()) == b""
