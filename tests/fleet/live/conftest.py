"""Django pointed at a real Valkey, and a run whose trace is being written."""

from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import Settings

from fleet.local.valkey import Valkey
from tests.fleet.live.story import Story


@pytest.fixture
def live_settings(settings: Settings, valkey: Valkey) -> None:
    """Publisher and group layer of the test's own Valkey."""
    settings.VALKEY_URL = valkey.url
    settings.CHANNEL_LAYERS = {
        "default": {
            **settings.CHANNEL_LAYERS["default"],
            "CONFIG": {"hosts": [{"address": valkey.url, "socket_timeout": None}]},
        }
    }


@pytest.fixture
def story(transactional_db: None, live_settings: None, client: Client) -> Iterator[Story]:
    """A run in `measuring`, its writer, and a person who is logged in."""
    story = Story(client)
    yield story
    story.close()
