"""A farm starts, survives the death of each part, and leaves nothing behind."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.parts.farm import RunningFarm, running_farm, start_farm, wait_until_up

NOBODY = 65534
AS_NOBODY: dict[str, Any] = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
PARTS = (
    "web",
    "dispatcher",
    "watcher",
    "analysis",
    "worker",
    "phones",
    "adb",
    "valkey",
    "postgres",
)


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory with a short name: sockets lie below it."""
    with tempfile.TemporaryDirectory(prefix="simmer-") as directory:
        yield Path(directory)


def test_every_part_that_is_killed_comes_back_and_runs_go_on() -> None:
    with running_farm("--phones", "1", "--no-demo") as farm:
        (phone,) = farm.wait_for_phones(1)
        for part in PARTS:
            _kill_and_wait(farm, part)
        farm.wait_for_phones(1)
        run = farm.submit(phone["serial"], workload="mobilenet_v2", duration_s=20)
        assert farm.wait_for_run(run, "completed", "failed")["state"] == "completed"


def test_an_interrupt_while_it_starts_leaves_nothing(place: Path) -> None:
    farm = start_farm(place / "data", "--phones", "1")
    farm.wait(lambda: len(farm.left_behind()) > 3, "parts are starting")
    _end(farm)
    assert farm.process.returncode == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests are this one when nobody is root")
def test_an_ordinary_user_needs_nothing_that_root_has(place: Path) -> None:
    python = _python_for_nobody(place)
    shutil.chown(place, NOBODY, NOBODY)
    farm = _start_as_nobody(python, place / "data")
    try:
        wait_until_up(farm)
        assert farm.get("/devices")["items"] is not None
        assert {process.uids().real for process in farm.left_behind()} == {NOBODY}
    finally:
        _end(farm)


def _kill_and_wait(farm: RunningFarm, part: str) -> None:
    before = farm.pid_of(part)
    farm.kill(part)
    farm.wait(lambda: farm.pid_of(part) != before, f"{part} is back", 30.0)


def _end(farm: RunningFarm) -> None:
    if farm.process.poll() is None:
        farm.stop()


def _start_as_nobody(python: Path, data: Path) -> RunningFarm:
    begin = "import sys; from fleet.local.up import main; sys.exit(main(sys.argv[1:]))"
    return start_farm(
        data,
        *("--phones", "1", "--no-demo"),
        begin=(str(python), "-c", begin),
        env={
            **os.environ,
            "HOME": str(data.parent),
            "PYTHONPATH": os.pathsep.join(sys.path),
            "LD_LIBRARY_PATH": str(python.parent.parent / "lib"),
        },
        **AS_NOBODY,
    )


def _python_for_nobody(place: Path) -> Path:
    """Return our Python, or a copy of it where it lies in a directory that is closed to others."""
    if not _can_run(Path(sys.executable)):
        unneeded = shutil.ignore_patterns("test", "site-packages", "__pycache__", "*.a", "share")
        shutil.copytree(sys.base_prefix, place / "python", symlinks=True, ignore=unneeded)
        return place / "python" / "bin" / Path(sys._base_executable).name  # type: ignore[attr-defined]
    return Path(sys.executable)


def _can_run(python: Path) -> bool:
    try:
        asked = [str(python), "-c", "import sys; print(sys.version)"]
        said: subprocess.CompletedProcess[str] = subprocess.run(
            asked, capture_output=True, text=True, check=False, **AS_NOBODY
        )
    except PermissionError:
        return False
    return said.stdout.strip() == sys.version  # not another one with its library
