"""`python -m devices.virtual` as a person meets it."""

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

from tests.parts.adb import ROOT, free_port

COMMAND = [sys.executable, "-m", "devices.virtual"]


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )


def _lines_until_ready(process: subprocess.Popen[str]) -> list[list[str]]:
    assert process.stdout is not None
    return [line.split() for line in iter(process.stdout.readline, "ready\n") if line]


def test_an_unknown_phone_is_one_sentence_with_the_names_that_exist() -> None:
    done = _run("--phones", "nokia-3310")
    assert done.returncode == 2
    assert "nokia-3310" in done.stderr
    assert "honor-v30-pro" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_no_phone_at_all_is_one_sentence_too() -> None:
    done = _run()
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)


def test_a_reader_who_has_seen_enough_is_no_error() -> None:
    with subprocess.Popen(
        [*COMMAND, "--list"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        process.stdout.close()
        complaint = process.communicate(timeout=30)[1]
    assert (process.returncode, complaint) == (141, "")


def test_a_place_where_nothing_can_be_kept_is_one_sentence(tmp_path: Path) -> None:
    away = tmp_path / "away" / "door"
    phone = ("--phones", "pixel-6", "--port", "0")
    done = _run(*phone, "--control", str(away))
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert f"no control socket can be made at {away}" in done.stderr
    occupied = tmp_path / "file"
    occupied.touch()
    done = _run(*phone, "--record", str(occupied))
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert f"--record {occupied}: nothing can be kept there" in done.stderr


def test_the_catalog_names_a_source_for_every_phone() -> None:
    catalog = json.loads(_run("--list", "--json").stdout)
    shown = _run("--list").stdout
    assert len(catalog) >= 4
    assert all(phone["identity"]["source"] in shown for phone in catalog)
    assert all(phone["name"] in shown for phone in catalog)


def test_it_says_who_listens_where_and_stops_when_asked(tmp_path: Path) -> None:
    door = tmp_path / "control"
    command = [*COMMAND, "--phones", "2", "--port", "0", "--control", str(door), "--host-device"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        lines = _lines_until_ready(process)
        assert [line[0] for line in lines] == [f"127.0.0.1:{line[2]}" for line in lines]
        assert lines[-1][1] == "this-machine"
        assert door.stat().st_mode & 0o777 == 0o600
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0


def test_a_taken_port_is_passed_over_and_the_next_one_named() -> None:
    first = free_port()
    command = [*COMMAND, "--phones", "1", "--port", str(first)]
    with (
        socket.create_server(("127.0.0.1", first)),
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process,
    ):
        ((_, _, port),) = _lines_until_ready(process)
        assert int(port) > first
        process.terminate()


def test_phones_get_the_ports_that_they_had(tmp_path: Path) -> None:
    """Also where others were free before them, and when the file makes no sense."""
    memory = tmp_path / "ports"
    memory.write_text("six thousand")
    first = free_port()
    with socket.create_server(("127.0.0.1", first)):
        had = _ports_of("--phones", "2", "--port", str(first), "--ports", str(memory))
    assert min(had) > first
    assert _ports_of("--phones", "2", "--port", str(first), "--ports", str(memory)) == had
    with socket.create_server(("127.0.0.1", had[1])):
        now = _ports_of("--phones", "2", "--port", str(first), "--ports", str(memory))
    assert now[0] == had[0]
    assert now[1] != had[1]


def _ports_of(*words: str) -> list[int]:
    """Return where phones listen that are started and stopped."""
    with subprocess.Popen(
        [*COMMAND, *words], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        found = [int(line[2]) for line in _lines_until_ready(process)]
        process.kill()
    return found


def test_no_phone_listens_where_adb_looks_for_emulators() -> None:
    command = [*COMMAND, "--phones", "2", "--port", "5585"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        ports = [int(line[2]) for line in _lines_until_ready(process)]
        assert all(port > 5585 for port in ports)
        process.terminate()


def test_units_of_a_model_differ_and_the_spread_is_printed() -> None:
    done = _run("units", "honor-v30-pro", "--count", "5", "--seconds", "500", "--ambient", "40")
    assert done.returncode == 0, done.stderr
    title, first, fraction, mean, last = done.stdout.splitlines()
    assert title.startswith("virtual, 5 units")
    lowest, _, highest = map(float, first.split()[-3:])
    assert 100 < lowest < highest
    assert 0.05 < float(fraction.split()[-3]) < 1
    assert float(mean.split()[-1]) > 150
    assert last == "0 units were never throttled"


def test_units_of_a_phone_that_there_is_not_are_refused() -> None:
    done = _run("units", "nokia-3310")
    assert done.returncode == 2
    assert "no phone 'nokia-3310' in the catalog; there are: galaxy" in done.stderr
