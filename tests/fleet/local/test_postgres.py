"""The embedded Postgres survives what a machine does to it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg
import pytest

from devices.clock import HOST
from fleet.local import identity
from fleet.local.errors import LocalFarmError
from fleet.local.launch import NOBODY
from fleet.local.postgres import SETTINGS, Postgres
from fleet.local.postmaster import clear_stale_locks
from tests.parts.postgres import FAST
from tests.parts.running import running

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")


def server(root: Path, settings: tuple[str, ...] = FAST) -> Postgres:
    (root / "pg").mkdir(exist_ok=True)
    return Postgres(root / "pg" / "18", root, root / "pg" / "owner", settings)


def answer(postgres: Postgres) -> object:
    with postgres.connect("app") as connection:
        (word,) = connection.execute("select 'here'").fetchone() or (None,)
    return word


def test_a_cluster_keeps_its_data_over_a_sigkill_of_everything(tmp_path: Path) -> None:
    postgres = server(tmp_path, SETTINGS)
    with running(postgres.part(), tmp_path / "log") as child:
        with postgres.connect("migrate") as connection:
            connection.execute("create table kettle as select 100 as celsius")
        child.signal(signal.SIGKILL)
    with running(postgres.part(), tmp_path / "log"), postgres.connect("read") as connection:
        assert connection.execute("select celsius from kettle").fetchone() == (100,)


def test_a_dead_postmaster_that_nobody_reaps_does_not_keep_the_next_from_starting(
    tmp_path: Path,
) -> None:
    # The signs of a zombie: its number in postmaster.pid answers kill(pid, 0).
    postgres = server(tmp_path)
    with running(postgres.part(), tmp_path / "log"):
        lines = (postgres.cluster / "postmaster.pid").read_text().splitlines(keepends=True)
    with subprocess.Popen([sys.executable, "-c", ""]) as unreaped:
        _wait(lambda: psutil.Process(unreaped.pid).status() == psutil.STATUS_ZOMBIE)
        (postgres.cluster / "postmaster.pid").write_text("".join([f"{unreaped.pid}\n", *lines[1:]]))
        with running(postgres.part(), tmp_path / "log"):
            assert answer(postgres) == "here"


def test_a_sockets_lock_of_a_server_that_is_gone_is_seen_through(tmp_path: Path) -> None:
    postgres = server(tmp_path)
    with running(postgres.part(), tmp_path / "log"):
        pass
    (postgres.sockets / ".s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n")
    with running(postgres.part(), tmp_path / "log"):
        assert answer(postgres) is not None


def test_a_planted_pid_of_a_living_stranger_is_seen_through(tmp_path: Path) -> None:
    postgres = server(tmp_path)
    with running(postgres.part(), tmp_path / "log"):
        lines = (postgres.cluster / "postmaster.pid").read_text().splitlines(keepends=True)
    (postgres.cluster / "postmaster.pid").write_text("".join([f"{os.getpid()}\n", *lines[1:]]))
    with running(postgres.part(), tmp_path / "log"):
        assert answer(postgres) == "here"


def test_a_living_server_keeps_its_pid_file(tmp_path: Path) -> None:
    postgres = server(tmp_path)
    with running(postgres.part(), tmp_path / "log") as child:
        with pytest.raises(LocalFarmError, match=f"Postgres {child.pid} already serves"):
            clear_stale_locks(postgres.cluster, postgres.sockets)
        assert (postgres.cluster / "postmaster.pid").exists()
        assert answer(postgres) == "here"


def test_an_initdb_that_was_interrupted_is_done_again(tmp_path: Path) -> None:
    postgres = server(tmp_path)
    half = postgres.cluster.with_name("new")
    half.mkdir()
    (half / "PG_VERSION").write_text("18")
    with running(postgres.part(), tmp_path / "log"):
        assert answer(postgres) == "here"


def test_a_cluster_of_another_major_version_is_refused_with_the_way_out(tmp_path: Path) -> None:
    postgres = server(tmp_path)
    (tmp_path / "pg" / "17").mkdir()
    prepare = postgres.part().prepare
    assert prepare is not None
    with pytest.raises(LocalFarmError, match=r"written by Postgres 17.*pg_dump.*new --data"):
        prepare()


def test_the_web_role_cannot_change_tables(tmp_path: Path) -> None:
    postgres = server(tmp_path)
    with (
        running(postgres.part(), tmp_path / "log"),
        postgres.connect("app") as app,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        app.execute("create table kettle (celsius int)")


@as_root
@pytest.mark.parametrize("way", [identity.USERNS, identity.AS_NOBODY])
def test_root_runs_it_as_somebody_else(way: str, tmp_path: Path) -> None:
    if way not in identity.possible():
        pytest.skip("this kernel allows no user namespaces")
    open_to_nobody(tmp_path)
    postgres = server(tmp_path)
    postgres.owner_file.write_text(way)
    with running(postgres.part(), tmp_path / "log") as child:
        assert answer(postgres) == "here"
        uids = psutil.Process(child.pid).uids()
        assert uids.real == (NOBODY if way == identity.AS_NOBODY else 0)  # as seen from outside


@as_root
def test_a_path_closed_to_nobody_is_refused_with_a_sentence(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(LocalFarmError, match="is closed to the user nobody"):
        identity.hand_over(identity.AS_NOBODY, closed / "pg")


def open_to_nobody(path: Path) -> None:
    for directory in (path, *path.parents):
        if directory.name.startswith(("pytest-", "popen-", "test_")):
            directory.chmod(0o755)


def _wait(fact: Callable[[], bool]) -> None:
    for _ in range(500):
        if fact():
            return
        HOST.wait(0.02)
    raise AssertionError("it never became true")
