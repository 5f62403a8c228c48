"""Fixtures for the whole suite: the database of Django tests is an embedded Postgres."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from fleet.local.postgres import Postgres
from fleet.local.valkey import Valkey
from tests.parts.postgres import running_postgres
from tests.parts.valkey import running_valkey

HERE = Path(__file__).parent
#: Folders and files that start whole farms, which look for the same free ports.
STARTS_FARMS = ("journeys", "fleet/local", "house/test_compose.py", "house/test_bootstrap.py")

# A commit is judged by the same examples each time, however busy the machine is; new ones are
# looked for by `make nightly`.
settings.register_profile("commit", derandomize=True, deadline=None)
settings.register_profile("explore", max_examples=1000, deadline=None)
settings.load_profile("commit")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests of one file, and all that start farms, share a process; farms come first."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))
    items.sort(key=lambda item: _group(item) != "farms")


def _group(item: pytest.Item) -> str:
    name = item.path.relative_to(HERE).as_posix()
    return "farms" if name.startswith(STARTS_FARMS) else name


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A running Postgres with the roles `migrate`, `app` and `read`."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def valkey() -> Iterator[Valkey]:
    """A running Valkey."""
    with running_valkey() as server:
        yield server


@pytest.fixture(scope="session")
def django_db_modify_db_settings(postgres: Postgres) -> None:
    """Point Django at the embedded server just before it makes its test database.

    Overrides pytest-django's fixture of this name: a session without a database test
    starts no server.
    """
    from django.db import connections

    with postgres.connect("postgres", "postgres") as connection:
        connection.execute("alter role migrate createdb")
    facts = {"HOST": str(postgres.sockets), "PORT": "", "USER": "migrate", "PASSWORD": ""}
    connections["default"].settings_dict.update(facts)
