"""People in front of the pages, and a web server that a browser can reach."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser
from pytest_django import Settings

from fleet.local import services
from fleet.local.postgres import Postgres
from fleet.local.valkey import Valkey
from fleet.models import Device, Run
from tests.frontend import farm
from tests.parts.adb import free_port
from tests.parts.browser import Visit, running_browser, visiting
from tests.parts.running import running


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


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium; its event loop runs in this thread until the module's end."""
    with pytest.MonkeyPatch.context() as patch, running_browser() as chromium:
        # The tests use the database beside that loop, never from within it.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield chromium


@pytest.fixture(scope="session")
def web(
    postgres: Postgres,
    valkey: Valkey,
    django_db_setup: None,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """The web process of a farm, on the tests' own database; its address."""
    directory = tmp_path_factory.mktemp("web")
    port = free_port()
    part = services.web(port)
    facts = {
        "DJANGO_SETTINGS_MODULE": "fleet.settings",
        "SIMMER_DATA": str(directory),
        "SIMMER_DB_HOST": str(postgres.sockets),
        "SIMMER_DB_NAME": str(connection.settings_dict["NAME"]),
        "SIMMER_DB_USER": "migrate",
        "SIMMER_VALKEY_URL": valkey.url,
    }
    part = replace(part, environment={**part.environment, **facts})
    with running(part, Path(directory) / "web.log"):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def visit(
    browser: Browser,
    web: str,
    valkey: Valkey,
    settings: Settings,
    transactional_db: None,
) -> Iterator[Callable[..., Visit]]:
    """Open tabs of people who are logged in: `visit(width=390, color_scheme="dark")`."""
    settings.VALKEY_URL = valkey.url
    client = Client()
    client.force_login(get_user_model().objects.create_user("grace", password="hopper-1906"))
    cookie = client.cookies[django_settings.SESSION_COOKIE_NAME].value
    with ExitStack() as stack:

        def opened(path: str = "", *, width: int = 1280, height: int = 900, **how: Any) -> Visit:
            context = browser.new_context(
                viewport={"width": width, "height": height},
                **({"reduced_motion": "reduce", "locale": "en-US", "timezone_id": "UTC"} | how),
            )
            stack.callback(context.close)
            name = django_settings.SESSION_COOKIE_NAME
            context.add_cookies([{"name": name, "value": cookie, "url": web}])
            tab = visiting(context, web)
            if path:
                tab.open(path)
            return tab

        yield opened
