"""The container files are valid, and each service's command and health check work as written.

No container is started here: the commands run as processes of this machine, against
Postgres and Valkey programs of the wheels, over TCP and with passwords as in compose.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import check_jsonschema
import jsonschema
import pytest
import yaml

from devices.clock import HOST
from fleet.bootstrap import REPOSITORY
from fleet.local import identity, ports
from fleet.local.child import LAUNCHER, Child, Part
from fleet.local.postgres import binary
from fleet.local.valkey import server_binary
from tests.parts.compose import Service, programs, read
from tests.parts.running import running

DOCKER = REPOSITORY / "docker"
PASSWORDS = {
    "SIMMER_SECRET_KEY": "k" * 60,
    "SIMMER_DB_PASSWORD": "p" * 20,
    "SIMMER_VALKEY_PASSWORD": "v" * 20,
    "SIMMER_SEGMENT_TOKEN": "s" * 20,
}
OURS = (
    "migrate",
    "web",
    "dispatcher",
    "analysis",
    "watcher",
    "worker",
    "adb",
    "virtual",
    "segments",
)


@pytest.mark.parametrize("name", ["compose.yaml", "virtual-fleet.yaml"])
def test_the_file_follows_the_compose_specification(name: str) -> None:
    vendor = Path(check_jsonschema.__file__).parent / "builtin_schemas" / "vendor"
    schema = json.loads((vendor / "compose-spec.json").read_text())
    jsonschema.validate(yaml.safe_load((DOCKER / name).read_text()), schema)


def test_only_the_web_service_is_published_and_only_to_this_machine() -> None:
    services = yaml.safe_load((DOCKER / "compose.yaml").read_text())["services"]
    published = {name: facts["ports"] for name, facts in services.items() if "ports" in facts}
    assert list(published) == ["web"]
    assert published["web"][0].startswith("${SIMMER_ADDRESS:-127.0.0.1}:")


def test_whoever_talks_to_phones_shares_the_adb_servers_network() -> None:
    services = yaml.safe_load((DOCKER / "compose.yaml").read_text())["services"]
    beside = {n for n, facts in services.items() if facts.get("network_mode") == "service:netns"}
    assert beside == {"adb", "virtual", "segments", "connector", "watcher", "worker"}


class Stack:
    """The services of compose.yaml, running."""

    def __init__(self, root: Path) -> None:
        self.root = root
        first_phone = next(
            first for first in range(6500, 65000, 3)
            if all(map(ports.is_free, range(first, first + 3)))
        )  # fmt: skip
        self.ports = {
            "SIMMER_PORT": str(ports.any_free()),
            "SIMMER_ADB_PORT": str(ports.any_free()),
            "SIMMER_PHONE_PORT": str(first_phone),
            "SIMMER_SEGMENT_PORT": str(ports.any_free()),
            "SIMMER_LAST_PHONE_PORT": str(first_phone + 2),
        }
        chosen = {**PASSWORDS, **self.ports, "SIMMER_PHONES": "2"}
        self.services = read(DOCKER / "compose.yaml", chosen)
        self.children: dict[str, Child] = {}
        self.postgres_port, self.valkey_port = str(ports.any_free()), str(ports.any_free())
        (root / "bin").mkdir()
        self.path = programs(root / "bin")

    def start(self, stack: ExitStack) -> None:
        """Start everything in the order that the file asks for."""
        for service in self.services.values():
            if service.name == "migrate":
                self.run_once(service)
                continue
            part = self.part(service)
            child = stack.enter_context(running(part, self.root / f"{service.name}.log"))
            self.children[service.name] = child
            if service.name == "postgres":
                self.make_roles()

    def part(self, service: Service) -> Part:
        """Return the service with what differs between this machine and containers."""
        if service.name == "postgres":
            return self.postgres(service)
        if service.name == "valkey":
            here = ("--port", self.valkey_port, "--dir", str(self.root))
            return Part("valkey", (str(server_binary()), *service.command[1:], *here))
        return service.part(self.where(service))

    def where(self, service: Service) -> dict[str, str]:
        """Return addresses and directories of this machine."""
        valkey = f"127.0.0.1:{self.valkey_port}"
        urls = ("SIMMER_VALKEY_URL", "SIMMER_BROKER_URL")
        moved = {u: service.environment.get(u, "").replace("valkey:6379", valkey) for u in urls}
        place = {"PATH": self.path, "SIMMER_DATA": str(self.root / "data"), "HOME": str(self.root)}
        database = {"SIMMER_DB_HOST": "127.0.0.1", "SIMMER_DB_PORT": self.postgres_port}
        return {**moved, **place, **database, "ADB_USB": "0"}

    def run_once(self, service: Service) -> None:
        """Run a service that ends by itself."""
        run(*service.command, **{**service.environment, **self.where(service)})

    def postgres(self, service: Service) -> Part:
        """Do what the image's entry point does: initdb with our arguments, then the command."""
        cluster = self.root / "postgres"
        way = identity.possible()[0]
        arguments = service.environment["POSTGRES_INITDB_ARGS"].split()
        (self.root / "password").write_text(PASSWORDS["SIMMER_DB_PASSWORD"])
        run(
            *(sys.executable, "-I", "-S", LAUNCHER, os.getpid(), "9", way),
            *(binary("initdb"), "-D", cluster, "-U", "postgres", "--auth-local=trust"),
            *("--auth-host=scram-sha-256", "--pwfile", self.root / "password", *arguments),
        )
        here = {"PGDATA": str(cluster), "PGPORT": self.postgres_port, "PGHOST": "127.0.0.1"}
        tools = {"PATH": f"{binary('postgres').parent}:{self.path}"}
        part = service.part({**here, **tools, "PGDATABASE": "postgres"})
        argv = (str(binary("postgres")), *service.command[1:])
        return Part(
            **{**part.__dict__, "argv": argv, "identity": way, "stop_signal": signal.SIGINT}
        )

    def make_roles(self) -> None:
        """Run the scripts that the image runs once."""
        tools = {
            "PATH": f"{binary('postgres').parent}:{self.path}",
            "PGHOST": "/tmp",
            "PGPORT": self.postgres_port,
            "PGUSER": "postgres",
            "POSTGRES_PASSWORD": PASSWORDS["SIMMER_DB_PASSWORD"],
        }
        run("createdb", "fleet", **tools)
        run("psql", "-d", "fleet", "-f", REPOSITORY / "fleet/local/roles.sql", **tools)
        run("sh", DOCKER / "passwords.sh", **tools)


def wait_for(fact: Callable[[], bool], child: Child) -> None:
    """Return when `fact` is true; show the service's last lines when it never is."""
    for _ in range(60):
        if fact():
            return
        assert child.poll() is None, child.last_lines(20)
        HOST.wait(0.5)
    raise AssertionError(child.last_lines(20))


def run(*argv: object, **environment: str) -> None:
    """Run a program; show what it said when it fails."""
    words = [str(word) for word in argv]
    told = {**os.environ, **environment}
    done = subprocess.run(words, env=told, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    running_stack = Stack(tmp_path_factory.mktemp("compose"))
    with ExitStack() as ends:
        running_stack.start(ends)
        yield running_stack
        for child in running_stack.children.values():
            if child.part.layer > 0:
                child.signal(child.part.stop_signal)


@pytest.mark.parametrize("name", [name for name in OURS if name != "migrate"])
def test_a_service_runs_and_is_healthy(name: str, stack: Stack) -> None:
    child, service = stack.children[name], stack.services[name]
    where = {**service.environment, **stack.where(service)}
    wait_for(lambda: service.is_healthy(where), child)
    assert "Traceback" not in child.output()


def test_the_virtual_phones_are_connected(stack: Stack) -> None:
    connector, first = stack.children["connector"], stack.ports["SIMMER_PHONE_PORT"]
    wait_for(lambda: f"127.0.0.1:{first}: connected" in connector.output(), connector)


def test_a_health_check_can_fail(stack: Stack) -> None:
    web = stack.services["web"]
    closed = {key: value for key, value in stack.ports.items() if key != "SIMMER_PORT"}
    elsewhere = read(
        DOCKER / "compose.yaml", {**PASSWORDS, **closed, "SIMMER_PORT": str(ports.any_free())}
    )["web"]
    wait_for(lambda: web.is_healthy(stack.where(web)), stack.children["web"])
    assert not elsewhere.is_healthy(stack.where(web))
