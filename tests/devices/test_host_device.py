"""This machine as a device shows its sensors and public facts, and nothing else of itself."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from devices.adb.client import AdbClient
from devices.agent.install import install_agent
from devices.errors import StableDeviceError, TransientDeviceError
from devices.phone import Phone, connect
from devices.virtual.android import Refused
from tests.parts.adb import VirtualPhones, virtual_phones, wait_for_state

TMP = "/data/local/tmp"


@pytest.fixture(scope="module")
def machine() -> Iterator[VirtualPhones]:
    """This machine, alone on its adb server."""
    with virtual_phones(host_device=True) as phones:
        yield phones


@pytest.fixture
def host(machine: VirtualPhones) -> Phone:
    """The device."""
    return connect(machine.serials[-1], server=machine.server)


def test_it_says_that_it_is_no_phone(host: Phone) -> None:
    assert host.run(["getprop", "ro.simmer.kind"]).stdout == "host\n"
    assert host.run(["getprop", "ro.simmer.speed"]).stdout == "1\n"


def test_its_time_is_this_machines_time(host: Phone) -> None:
    before, seen, after = _uptime_s(), host.now_ns() / 1e9, _uptime_s()
    assert before - 0.02 <= seen <= after + 0.02


def _uptime_s() -> float:
    return float(Path("/proc/uptime").read_text().split()[0])


@pytest.mark.skipif(not Path("/proc/meminfo").exists(), reason="no procfs here")
def test_its_facts_are_this_machines_facts(host: Phone) -> None:
    total = Path("/proc/meminfo").read_text().splitlines()[0]
    assert host.run(["cat", "/proc/meminfo"]).stdout.splitlines()[0] == total


@pytest.mark.parametrize("path", ["/etc/passwd", "/proc/self/environ", "/proc/1/cmdline", "/root"])
def test_no_other_file_of_this_machine_can_be_seen(host: Phone, path: str) -> None:
    with pytest.raises(StableDeviceError, match="No such file or directory"):
        host.pull(path)


def test_its_sensors_cannot_be_written(host: Phone) -> None:
    with pytest.raises(StableDeviceError, match="Permission denied"):
        host.push(b"0", "/proc/uptime")


def test_a_link_leads_to_nothing_of_this_machine(host: Phone) -> None:
    host.run(["ln", "-s", "/../../../../etc/passwd", f"{TMP}/link"], check=True)
    with pytest.raises(StableDeviceError):
        host.pull(f"{TMP}/link")


def test_its_sockets_are_out_of_reach(machine: VirtualPhones, host: Phone) -> None:
    with pytest.raises(TransientDeviceError, match="closed"):
        AdbClient(machine.server).open(host.transport_id, f"tcp:{machine.server.port}", 5)


def test_pushed_files_are_kept_by_digest_while_they_are_there(
    machine: VirtualPhones, host: Phone
) -> None:
    data = os.urandom(1000)
    kept = machine.control.parent / "host-device/models" / hashlib.sha256(data).hexdigest()
    host.push(data, f"{TMP}/model")
    assert kept.read_bytes() == data
    host.run(["rm", f"{TMP}/model"], check=True)
    assert not kept.exists()


def test_its_world_is_not_ours_to_change(machine: VirtualPhones) -> None:
    with pytest.raises(Refused, match="this machine itself"):
        machine.ctl(machine.serials[-1], "ambient", "35")


def test_a_reboot_restarts_the_link_alone(machine: VirtualPhones, host: Phone) -> None:
    boot_id = host.run(["cat", "/proc/sys/kernel/random/boot_id"]).stdout
    with host.open_stream(["cat"]) as stream:
        machine.ctl(machine.serials[-1], "fault", "reboot")
        assert stream.read(10) == b""
    wait_for_state(machine.server, machine.serials[-1], "device")
    again = connect(machine.serials[-1], server=machine.server)
    assert again.run(["cat", "/proc/sys/kernel/random/boot_id"]).stdout == boot_id


def test_a_visitor_who_hangs_up_ends_the_agent(machine: VirtualPhones, host: Phone) -> None:
    path = install_agent(host)
    with host.open_stream([path, "--stdio"]) as stream:
        assert b'"hello"' in stream.read(20)
        (child,) = psutil.Process(machine.process.pid).children()
    psutil.wait_procs([child], timeout=10)
    assert not child.is_running()
