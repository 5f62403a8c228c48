"""A port that is reserved goes to nobody but those who are told it."""

import socket

from fleet.local import adb, ports


def test_a_reserved_port_can_be_listened_on_by_who_knows_it_and_found_by_nobody_else() -> None:
    with ports.reserved() as holder:
        port = ports.number_of(holder)
        for _ in range(2):  # a server that dies listens there again
            with socket.create_server((ports.LOOPBACK, port)):
                assert not ports.is_free(port)
        assert port not in {ports.any_free() for _ in range(200)}


def test_two_that_look_from_the_same_port_on_reserve_different_ones() -> None:
    with ports.reserved(adb.FIRST_PORT) as one, ports.reserved(adb.FIRST_PORT) as other:
        assert adb.FIRST_PORT <= ports.number_of(one) < ports.number_of(other)
