"""Runs the services of a compose file as processes of this machine, as they are written there."""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from fleet.bootstrap import REPOSITORY
from fleet.local.adb import adb_binary
from fleet.local.child import Part

VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


@dataclass(frozen=True)
class Service:
    """One service: its command, environment and health check, variables filled in."""

    name: str
    image: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    health: tuple[str, ...]
    needs: frozenset[str]
    is_awaited: bool

    def part(self, where: Mapping[str, str]) -> Part:
        """Return it as a part; `where` says where things are on this machine."""
        environment = {**self.environment, **where}
        return Part(
            name=self.name,
            argv=self.command,
            environment=environment,
            # As compose does it: only those wait who have asked for a healthy service.
            ready=lambda _: not self.is_awaited or self.is_healthy(environment),
        )

    def is_healthy(self, environment: Mapping[str, str]) -> bool:
        """Run the health check, where there is one."""
        if not self.health:
            return True
        kind, *words = self.health
        argv = words if kind == "CMD" else ["/bin/sh", "-c", *words]
        done = subprocess.run(
            argv,
            env={**os.environ, **environment},
            cwd=REPOSITORY,
            capture_output=True,
            check=False,
        )
        return done.returncode == 0


def read(path: Path, variables: Mapping[str, str]) -> dict[str, Service]:
    """Return the services of a compose file in an order in which they can be started."""
    text = VARIABLE.sub(lambda found: _value(found, variables), path.read_text())
    services = yaml.safe_load(text)["services"]
    awaited = {
        needed
        for facts in services.values()
        for needed, how in facts.get("depends_on", {}).items()
        if how["condition"] == "service_healthy"
    }
    known = {n: _service(n, facts, is_awaited=n in awaited) for n, facts in services.items()}
    return {name: known[name] for name in _in_order(known)}


def programs(directory: Path) -> str:
    """Return a PATH on which the image's programs are found."""
    (directory / "adb").symlink_to(adb_binary())
    return os.pathsep.join((str(directory), str(REPOSITORY / ".venv/bin"), os.environ["PATH"]))


def _value(found: "re.Match[str]", variables: Mapping[str, str]) -> str:
    name, kind, more = found.groups()
    if name in variables or kind == "?":
        return variables[name]
    return str(more or "")


def _service(name: str, facts: Mapping[str, Any], *, is_awaited: bool) -> Service:
    shared = str(facts.get("network_mode", "")).removeprefix("service:")
    return Service(
        name=name,
        image=facts["image"],
        command=tuple(_plain(word) for word in facts["command"]),
        environment={key: _plain(word) for key, word in facts.get("environment", {}).items()},
        health=tuple(_plain(word) for word in facts.get("healthcheck", {}).get("test", ())),
        needs=frozenset(facts.get("depends_on", ())) | ({shared} - {"", "host"}),
        is_awaited=is_awaited,
    )


def _plain(word: object) -> str:
    return str(word).replace("$$", "$")


def _in_order(services: Mapping[str, Service]) -> Iterator[str]:
    done: set[str] = set()
    while len(done) < len(services):
        able = [n for n, s in services.items() if n not in done and s.needs <= done]
        assert able, "the services wait for each other in a circle"
        yield from able
        done.update(able)
