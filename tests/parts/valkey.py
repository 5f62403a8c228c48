"""An embedded Valkey for tests: `with running_valkey() as server: …`."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fleet.local.valkey import Valkey
from tests.parts.running import running


@contextmanager
def running_valkey() -> Iterator[Valkey]:
    """Yield a server on a socket of its own; its `url` and `broker_url` lead there."""
    with tempfile.TemporaryDirectory(prefix="simmer-valkey-") as directory:
        server = Valkey(directory=Path(directory), socket=Path(directory) / "valkey.sock")
        with running(server.part(), Path(directory) / "valkey.log"):
            yield server
