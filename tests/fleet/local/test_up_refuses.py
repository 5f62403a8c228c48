"""What keeps `up` from starting is one sentence, an exit code, and nothing started."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from fleet.bootstrap import REPOSITORY
from fleet.local.datadir import LONGEST_SOCKET_PATH, locked, open_datadir
from fleet.local.errors import LocalFarmError
from fleet.local.ports import any_free

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs to become an ordinary user")


WITHOUT_ADBUTILS = """
import importlib.util, sys
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *more: None if name == "adbutils" else find(name, *more)
from fleet.local.up import main
sys.exit(main(["--data", sys.argv[1], "--port", sys.argv[2]]))
"""


def up(data: Path, port: int, *more: str) -> "subprocess.CompletedProcess[str]":
    where = ("--data", str(data), "--port", str(port))
    return subprocess.run(
        [sys.executable, str(REPOSITORY / "manage.py"), "up", *where, *more],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def refuses(done: "subprocess.CompletedProcess[str]", sentence: str, data: Path) -> None:
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.returncode == 1
    assert not [p for p in psutil.process_iter(["cmdline"]) if str(data) in _words(p)]


def _words(process: psutil.Process) -> str:
    return " ".join(process.info["cmdline"] or ())


def test_a_taken_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refuses(up(tmp_path / "data", port), f"port {port} is taken", tmp_path)


def test_a_second_farm_on_the_same_data_says_whose_it_is(tmp_path: Path) -> None:
    data = open_datadir(tmp_path / "data")
    with locked(data):
        refuses(up(data.root, any_free()), f"in use by another `up` (pid {os.getpid()})", tmp_path)


def test_a_data_directory_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a directory")
    refuses(up(tmp_path / "data", any_free()), "cannot be used", tmp_path)


def test_a_place_where_nobody_can_write() -> None:
    refuses(up(Path("/proc/simmer"), any_free()), "cannot be used", Path("/proc/simmer"))


def test_phones_that_are_not_in_the_catalog(tmp_path: Path) -> None:
    done = up(tmp_path / "data", any_free(), "--phones", "nokia-3310")
    assert done.returncode == 1
    assert "nokia-3310" in done.stderr
    assert not [p for p in psutil.process_iter(["cmdline"]) if str(tmp_path) in _words(p)]


def test_a_missing_adb(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_ADBUTILS, str(tmp_path / "data"), str(any_free())],
        cwd=REPOSITORY,
        env={**os.environ, "PATH": "/nowhere"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    refuses(done, "there is no adb on this machine", tmp_path)


def test_a_long_path_gets_short_sockets_that_go_away(tmp_path: Path) -> None:
    data = open_datadir(tmp_path / ("long" * 40))
    assert len(os.fsencode(data.run / "pg" / ".s.PGSQL.5432.lock")) <= LONGEST_SOCKET_PATH
    assert data.run.stat().st_mode & 0o777 == 0o700
    with locked(data):
        pass
    assert not data.run.exists()


@as_root
def test_somebody_elses_socket_directory_is_refused(tmp_path: Path) -> None:
    long = tmp_path / ("long" * 40)
    run = open_datadir(long).run
    os.chown(run, 65534, 65534)
    with pytest.raises(LocalFarmError, match="belongs to somebody else"):
        open_datadir(long)
    shutil.rmtree(run)
