"""Ports: phones keep theirs from start to start, and what is reserved goes to nobody else."""

import socket
from pathlib import Path

from fleet.local import ports

START, COUNT = 47_000, 3


def test_phones_get_the_same_ports_again(tmp_path: Path) -> None:
    memory = tmp_path / "ports"
    first = ports.same_as_before(memory, START, COUNT)
    assert ports.same_as_before(memory, START + 500, COUNT) == first


def test_ports_that_others_took_are_replaced_and_remembered(tmp_path: Path) -> None:
    memory = tmp_path / "ports"
    first = ports.same_as_before(memory, START, COUNT)
    with socket.create_server((ports.LOOPBACK, first + 1)):
        second = ports.same_as_before(memory, START, COUNT)
    assert second > first + 1
    assert ports.same_as_before(memory, START, COUNT) == second


def test_a_memory_that_makes_no_sense_is_forgotten(tmp_path: Path) -> None:
    memory = tmp_path / "ports"
    memory.write_text("six thousand")
    assert ports.same_as_before(memory, START, COUNT) == int(memory.read_text())


def test_a_reserved_port_can_be_listened_on_by_who_knows_it_and_found_by_nobody_else() -> None:
    with ports.reserved() as holder:
        port = ports.number_of(holder)
        for _ in range(2):  # a server that dies listens there again
            with socket.create_server((ports.LOOPBACK, port)):
                assert not ports.is_free(port)
        assert port not in {ports.any_free() for _ in range(200)}
