"""Real parts for tests: an adb server of our own and virtual phones, each on free ports."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import adbutils

from devices.adb.client import AdbAddress, AdbClient
from devices.adb.tracking import Tracker
from devices.clock import HOST, NS_PER_S
from devices.virtual.control import ask

ROOT = Path(__file__).parents[2]
_START_LIMIT_S = 30.0


@dataclass(frozen=True, slots=True)
class VirtualPhones:
    """Running virtual phones, connected to `server`."""

    server: AdbAddress
    serials: tuple[str, ...]  # as adb calls them: 127.0.0.1:PORT
    control: Path
    process: subprocess.Popen[str]

    def ctl(self, serial: str, *words: str) -> str:
        """Say a word to the control door and return what it answers."""
        return ask(self.control, serial, list(words))

    def adb(self, *words: str, serial: str = "") -> subprocess.CompletedProcess[str]:
        """Run adb's own command line on a phone, by default on the first."""
        command = [shutil.which("adb") or str(adb_binary()), "-P", str(self.server.port)]
        return subprocess.run(
            [*command, "-s", serial or self.serials[0], *words],
            env=adb_environment(self.control.parent),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )


def adb_binary() -> Path:
    """Return the adb that comes with the adbutils wheel."""
    return Path(adbutils.__file__).parent / "binaries" / "adb"


def adb_environment(home: Path) -> dict[str, str]:
    """Return the environment of a server that looks at nothing but what it is told."""
    silent = {"ADB_LIBUSB": "0", "ADB_USB": "0", "ADB_EMU": "0", "ADB_MDNS": "0"}
    return {**os.environ, **silent, "HOME": str(home)}


def free_port() -> int:
    """Return a TCP port of the loopback that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def wait_for_state(server: AdbAddress, serial: str, state: str) -> None:
    """Return once the server lists `serial` in `state`."""
    deadline = HOST.now_ns() + _START_LIMIT_S * NS_PER_S
    with Tracker(server) as tracker:
        while state not in (seen := [e.state for e in tracker.listed(0.5) if e.serial == serial]):
            if HOST.now_ns() > deadline:
                raise RuntimeError(f"{serial} is {seen}, not {state}, after {_START_LIMIT_S} s")


@contextmanager
def adb_server(binary: Path | None = None) -> Iterator[AdbAddress]:
    """Run an adb server and yield where it listens."""
    address = AdbAddress("127.0.0.1", free_port())
    with tempfile.TemporaryDirectory(prefix="adb-") as home, Path(home, "log").open("wb") as log:
        command = [str(binary or adb_binary()), "-L", f"tcp:{address.port}", "server", "nodaemon"]
        process = subprocess.Popen(command, env=adb_environment(Path(home)), stdout=log, stderr=log)
        try:
            _wait_for_server(address, process)
            yield address
        finally:
            process.kill()
            process.wait()


@contextmanager
def virtual_phones(
    *names: str,
    server: AdbAddress | None = None,
    speed: float = 1.0,
    seed: int = 1,
    host_device: bool = False,
    catalog: Path | None = None,
) -> Iterator[VirtualPhones]:
    """Run `python -m devices.virtual` and connect its phones, to a server of their own if need be.

    A host device comes last among the serials; `catalog` is a folder with more phone files.
    """
    if server is None:
        with (
            adb_server() as own,
            virtual_phones(
                *names,
                server=own,
                speed=speed,
                seed=seed,
                host_device=host_device,
                catalog=catalog,
            ) as phones,
        ):
            yield phones
        return
    with tempfile.TemporaryDirectory(prefix="phones-") as folder:
        control = Path(folder, "control")
        more = ["--host-device"] if host_device else []
        more += ["--catalog", str(catalog)] if catalog else []
        process = _start_phones(names, control, speed, seed, more)
        try:
            serials = _read_serials(process)
            for serial in serials:
                AdbClient(server).connect_endpoint(serial)
            yield VirtualPhones(server, serials, control, process)
        finally:
            _stop(process)


def _start_phones(
    names: tuple[str, ...], control: Path, speed: float, seed: int, more: list[str]
) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "devices.virtual", "--phones", ",".join(names), "--port", "0"]
    command += ["--speed", str(speed), "--seed", str(seed), "--control", str(control)]
    return subprocess.Popen([*command, *more], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def _read_serials(process: subprocess.Popen[str]) -> tuple[str, ...]:
    """Read `serial model port` lines up to `ready`."""
    assert process.stdout is not None
    serials: list[str] = []
    for line in process.stdout:
        if line.strip() == "ready":
            return tuple(serials)
        serials.append(line.split()[0])
    raise RuntimeError(f"devices.virtual ended with {process.wait()} before it was ready")


def _stop(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    process.terminate()
    try:
        process.wait(timeout=10)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _wait_for_server(address: AdbAddress, process: subprocess.Popen[bytes]) -> None:
    deadline = HOST.now_ns() + _START_LIMIT_S * NS_PER_S
    while HOST.now_ns() < deadline and process.poll() is None:
        try:
            socket.create_connection((address.host, address.port), timeout=1).close()
        except OSError:
            HOST.wait(0.02)
        else:
            return
    raise RuntimeError(f"no adb server on port {address.port} after {_START_LIMIT_S} s")
