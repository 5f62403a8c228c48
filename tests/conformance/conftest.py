"""The devices that the suite asks: virtual, host, and with PHONE=<serial> a real one."""

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from benchmarks.workloads import WorkloadFiles, workload_files
from devices.adb.client import AdbAddress
from devices.agent.link import AgentLink
from devices.phone import Phone, connect
from tests.conformance.talk import Start
from tests.parts.adb import VirtualPhones, virtual_phones

KINDS = [os.environ["PHONE"]] if "PHONE" in os.environ else ["virtual", "host"]


@dataclass(frozen=True, slots=True)
class Under:
    """A device under test."""

    kind: str
    phone: Phone


@pytest.fixture(scope="session")
def farm() -> Iterator[VirtualPhones]:
    """One virtual phone at 20 times the speed of life, and this machine as a device."""
    with virtual_phones("honor-v30-pro", speed=20, host_device=True) as phones:
        yield phones


@pytest.fixture(scope="session", params=KINDS)
def device(request: pytest.FixtureRequest) -> Under:
    """Each device in turn."""
    if request.param not in ("virtual", "host"):
        return Under("phone", connect(request.param, server=AdbAddress.from_environment()))
    farm: VirtualPhones = request.getfixturevalue("farm")
    serial = farm.serials[0] if request.param == "virtual" else farm.serials[-1]
    return Under(request.param, connect(serial, server=farm.server))


@pytest.fixture
def phone(device: Under) -> Phone:
    """The device's one door."""
    return device.phone


@pytest.fixture
def link(phone: Phone) -> Iterator[AgentLink]:
    """A fresh agent that is ours."""
    with AgentLink.start(phone, deployment="conformance", fence=1) as link:
        yield link


@pytest.fixture(scope="session")
def files() -> WorkloadFiles:
    """The smaller of our networks."""
    return workload_files("mobilenet_v2")


@pytest.fixture
def start(link: AgentLink, phone: Phone, files: WorkloadFiles) -> Start:
    """A link with a loaded network, ready to start lanes."""
    return Start(link, phone, files)
