"""Before anything is installed: make `.venv`, fill it, go on inside; standard library only."""

import fcntl
import hashlib
import os
import re
import subprocess
import sys
import venv
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
VENV = REPOSITORY / ".venv"
PYTHON = VENV / "bin" / "python"
RUNTIME_LOCK = REPOSITORY / "requirements.lock"
TEST_LOCK = REPOSITORY / "requirements-test.lock"  # holds what the other one holds, and more
PIP = ("-m", "pip", "install", "--require-hashes", "--no-deps", "--disable-pip-version-check")
PACKAGE_LINE = re.compile(r"\s*(?:Collecting|Ignoring|Requirement already satisfied:) ([\w.-]+)")


class BootstrapError(Exception):
    """The environment cannot be made; the message names the way out."""


def run(arguments: list[str]) -> int:
    """Make sure to be inside a filled `.venv`, then run the command."""
    lock = TEST_LOCK if arguments[:1] == ["test"] else RUNTIME_LOCK
    try:
        inside = Path(sys.prefix).resolve() == VENV.resolve()
        if not inside or not _is_filled(lock):
            ensure(lock)
            # One pid from here on: Ctrl-C, exit code and parent-death signals stay right.
            os.execv(PYTHON, [str(PYTHON), str(REPOSITORY / "manage.py"), *arguments])
    except BootstrapError as error:
        print(f"simmer: {error}", file=sys.stderr)
        return 3
    except OSError as error:
        print(f"simmer: {VENV} cannot be used: {error}", file=sys.stderr)
        return 3
    return _dispatch(arguments)


def _dispatch(arguments: list[str]) -> int:
    command, rest = (arguments or ["help"])[0], arguments[1:]
    if command == "up":
        from fleet.local.up import main as up

        return up(rest)
    if command == "doctor":
        from fleet.local.doctor import main as doctor

        return doctor(rest)
    if command == "test":
        os.chdir(REPOSITORY)
        os.execv(sys.executable, [sys.executable, "-m", "pytest", *rest])
    from django.core.management import execute_from_command_line

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fleet.settings")
    execute_from_command_line([str(REPOSITORY / "manage.py"), *arguments])
    return 0


def ensure(lock: Path) -> None:
    """Make `.venv` hold exactly what `lock` says; at once when it does already."""
    VENV.mkdir(exist_ok=True)
    with _alone():
        if not PYTHON.exists():
            _make()
        if not _is_filled(lock):
            _install(lock)
            for filled in {lock, RUNTIME_LOCK}:
                _stamp(filled).write_text(_digest(filled))


@contextmanager
def _alone() -> Iterator[None]:
    # `up` and `test` may be started at the same moment.
    directory = os.open(VENV, os.O_RDONLY)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)
        yield
    finally:
        os.close(directory)


def _make() -> None:
    _say(f"making {VENV} with Python {sys.version.split()[0]}")
    try:
        venv.EnvBuilder(clear=True, symlinks=True, with_pip=True).create(VENV)
    except (OSError, subprocess.CalledProcessError) as error:
        PYTHON.unlink(missing_ok=True)
        raise BootstrapError(
            f"cannot make {VENV}: {error}; on Debian: apt-get install python3-venv"
        ) from error


def _install(lock: Path) -> None:
    wanted = len(re.findall(r"^[\w.-]+==", lock.read_text(), re.MULTILINE))
    _say(f"installing {wanted} packages of {lock.name}")
    last: deque[str] = deque(maxlen=5)
    command = [str(PYTHON), *PIP, "--no-input", "--progress-bar", "off", "-r", str(lock)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as pip:
        assert pip.stdout is not None
        seen = 0
        for line in pip.stdout:
            last.append(line.strip())
            if package := PACKAGE_LINE.match(line):
                seen += 1
                _progress(seen, wanted, package[1])
    if pip.returncode:
        raise BootstrapError("pip could not install the locked packages:\n" + "\n".join(last))
    _say("installed")


def _progress(seen: int, wanted: int, name: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[K[{seen:3d}/{wanted}] {name}", end="", file=sys.stderr, flush=True)
    elif seen % 20 == 0:
        _say(f"[{seen}/{wanted}] {name}")


def _say(text: str) -> None:
    start = "\r\x1b[K" if sys.stderr.isatty() else ""
    print(f"{start}simmer: {text}", file=sys.stderr, flush=True)


def _is_filled(lock: Path) -> bool:
    stamp = _stamp(lock)
    return stamp.exists() and stamp.read_text() == _digest(lock)


def _stamp(lock: Path) -> Path:
    # Written after the last package: an install that was interrupted is done again.
    return VENV / f"{lock.stem}.sha256"


def _digest(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()
