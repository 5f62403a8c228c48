"""Two virtual phones behind an adb server, for every test of this folder."""

from collections.abc import Iterator

import pytest

from devices.phone import Phone, connect
from tests.parts.adb import VirtualPhones, virtual_phones


@pytest.fixture(scope="session")
def farm() -> Iterator[VirtualPhones]:
    """Two phones of one model at 20 times the speed of life."""
    with virtual_phones("honor-v30-pro", "honor-v30-pro", speed=20) as phones:
        yield phones


@pytest.fixture
def phone(farm: VirtualPhones) -> Phone:
    """The first phone; no test breaks its link."""
    return connect(farm.serials[0], server=farm.server)
