"""Ports lead from a phone to its host and back, and nowhere else."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from devices.adb.client import AdbClient
from devices.errors import TransientDeviceError
from devices.phone import Phone, connect
from tests.parts.adb import VirtualPhones


@contextmanager
def _listener(answer: bytes) -> Iterator[int]:
    """Listen on a port of this machine and give every visitor `answer`."""
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as pool:

        def serve() -> None:
            while True:
                try:
                    visitor, _ = server.accept()
                except OSError:
                    return
                with visitor:
                    visitor.sendall(answer + visitor.recv(100))

        pool.submit(serve)
        try:
            yield int(server.getsockname()[1])
        finally:
            server.shutdown(socket.SHUT_RDWR)


def test_two_phones_may_reverse_the_same_port(farm: VirtualPhones) -> None:
    with _listener(b"first ") as first, _listener(b"second ") as second:
        for serial, port in zip(farm.serials, (first, second), strict=True):
            assert farm.adb("reverse", "tcp:17999", f"tcp:{port}", serial=serial).returncode == 0
        heard = []
        for serial in farm.serials:
            phone = connect(serial, server=farm.server)
            with AdbClient(farm.server).service(phone.transport_id, "tcp:17999", 5) as stream:
                stream.send(b"hello")
                heard.append(stream.read_exactly(len(b"first hello")))
            farm.adb("reverse", "--remove-all", serial=serial)
    assert heard == [b"first hello", b"second hell"]


def test_a_forward_leads_through_the_phone(farm: VirtualPhones) -> None:
    with _listener(b"home ") as port:
        farm.adb("reverse", "tcp:18000", f"tcp:{port}")
        near = int(farm.adb("forward", "tcp:0", "tcp:18000").stdout)
        with socket.create_connection(("127.0.0.1", near), timeout=5) as visitor:
            visitor.sendall(b"again")
            assert visitor.recv(100) == b"home again"
        assert "tcp:18000" in farm.adb("reverse", "--list").stdout
        farm.adb("reverse", "--remove-all")
        farm.adb("forward", "--remove-all")
    assert "tcp:18000" not in farm.adb("reverse", "--list").stdout


@pytest.mark.parametrize("kind", ["tcp:{}", "localfilesystem:/etc/passwd", "local:/x", "jdwp:1"])
def test_a_phone_is_no_way_to_sockets_of_this_machine(phone: Phone, kind: str) -> None:
    with _listener(b"reached") as port, pytest.raises(TransientDeviceError, match="closed"):
        AdbClient(phone.server).open(phone.transport_id, kind.format(port), 5)


def test_the_database_port_is_refused(phone: Phone) -> None:
    with pytest.raises(TransientDeviceError, match="closed"):
        AdbClient(phone.server).open(phone.transport_id, "tcp:5432", 5)
