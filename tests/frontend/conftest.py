"""People in front of the pages."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from fleet.models import Device, Run
from tests.frontend import farm


@pytest.fixture
def person(db: None) -> Client:
    """Somebody who is logged in."""
    client = Client()
    client.force_login(get_user_model().objects.create_user("ada", password="lovelace-1843"))
    return client


@pytest.fixture
def honor(db: None) -> Device:
    """An idle virtual phone."""
    return farm.device(farm.HONOR, latest={"hottest_c": 31.24, "hottest_zone": "skin"})


@pytest.fixture
def finished(honor: Device) -> Run:
    """A completed soak with a sealed trace, metrics and a verdict."""
    run = farm.run_on(honor, 660)
    return farm.finish(run, farm.SoakWriter(run), 660)
