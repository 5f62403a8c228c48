"""One farm for all journeys that do not break it."""

from collections.abc import Iterator

import pytest

from tests.parts.farm import RunningFarm, running_farm

PHONES = "honor-v30-pro,pixel-6"


@pytest.fixture(scope="session")
def farm() -> Iterator[RunningFarm]:
    """A farm with two virtual phones at 20× and this machine; no demo."""
    with running_farm("--phones", PHONES, "--speed", "20", "--no-demo") as running:
        running.wait_for_phones(2)
        yield running
