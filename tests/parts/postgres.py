"""An embedded Postgres for tests: `with running_postgres() as server: …`."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fleet.local.postgres import SETTINGS, Postgres
from tests.parts.running import running

# Tests may lose their data in a power failure.
FAST = (*SETTINGS, "fsync=off", "synchronous_commit=off", "full_page_writes=off")


@contextmanager
def running_postgres(*, durable: bool = False) -> Iterator[Postgres]:
    """Yield a server on a socket of its own, with the roles and the empty database `fleet`.

    durable: keep fsync on, for what measures or kills
    """
    with tempfile.TemporaryDirectory(prefix="simmer-pg-") as directory:
        root = Path(directory)
        server = Postgres(
            cluster=root / "18",
            sockets=root,
            owner_file=root / "owner",
            settings=SETTINGS if durable else FAST,
        )
        with running(server.part(), root / "postgres.log"):
            yield server
