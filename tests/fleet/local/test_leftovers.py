"""What a killed farm has left is found again and ended, and nothing else is."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from fleet.local.datadir import DataDir, open_datadir
from fleet.local.guard import Guard
from fleet.local.leftovers import Register
from fleet.local.logs import KEPT, LARGEST_LOG, cap

SLEEPER = (sys.executable, "-I", "-S", "-c", "import signal; signal.pause()")


@pytest.fixture
def data(tmp_path: Path) -> DataDir:
    return open_datadir(tmp_path)


@contextmanager
def sleeper() -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen(SLEEPER, start_new_session=True) as process:
        try:
            yield process
        finally:
            process.kill()


def note(data: DataDir, pid: int, started_s: float) -> None:
    row = (pid, started_s, int(signal.SIGTERM))
    (data.root / "run" / "children.json").write_text(json.dumps({"kettle": row}))


def test_a_leftover_is_ended_by_its_signal(data: DataDir) -> None:
    with sleeper() as left:
        note(data, left.pid, psutil.Process(left.pid).create_time())
        assert Register(data).end_leftovers() == ["kettle"]
        assert not psutil.pid_exists(left.pid)
    assert Register(data).end_leftovers() == []


def test_a_stranger_who_was_given_the_same_pid_is_left_alone(data: DataDir) -> None:
    with sleeper() as stranger:
        note(data, stranger.pid, psutil.Process(stranger.pid).create_time() - 60)
        assert Register(data).end_leftovers() == []
        assert stranger.poll() is None


def test_a_half_written_register_is_no_reason_not_to_start(data: DataDir) -> None:
    (data.root / "run" / "children.json").write_text('{"kettle": [1')
    assert Register(data).end_leftovers() == []


def test_a_guard_that_was_killed_is_replaced_and_knows_everybody() -> None:
    guard = Guard()
    with sleeper() as first, sleeper() as second:
        guard.protect(first.pid, signal.SIGTERM)
        os.kill(guard.pid, signal.SIGKILL)
        os.waitid(os.P_PID, guard.pid, os.WEXITED | os.WNOWAIT)
        guard.protect(second.pid, signal.SIGTERM)
        guard.close()
        assert first.wait(timeout=5) == second.wait(timeout=5) == -signal.SIGTERM


def test_a_log_that_has_grown_too_large_keeps_its_end(tmp_path: Path) -> None:
    log = tmp_path / "kettle.log"
    with log.open("ab") as child:
        child.write(b"x" * LARGEST_LOG + b"the end")
        child.flush()
        cap(log)
        child.write(b"goes on")
    assert log.read_bytes() == b"goes on"
    kept = (tmp_path / "kettle.log.1").read_bytes()
    assert len(kept) == KEPT
    assert kept.endswith(b"the end")
