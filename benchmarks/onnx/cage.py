"""Runs one foreign program on one foreign file: little memory, little time, no network."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.onnx import confined
from benchmarks.onnx.confined import NOBODY

_LAUNCHER = Path(confined.__file__)
_KEPT_WORDS = 64 * 1024  # bytes of what it said last


@dataclass(frozen=True, slots=True)
class Limits:
    """What a program in the cage may use."""

    wall_s: float = 120.0
    cpu_s: int = 240  # of all its threads [s]
    memory_bytes: int = 8 * 2**30  # of address space
    file_bytes: int = 600 * 2**20  # of each file


@dataclass(frozen=True, slots=True)
class Ended:
    """How it went."""

    folder: Path  # where it wrote; gone when the cage is left
    code: int  # negative: the signal that ended it
    said: str  # its last words, on both streams
    is_late: bool  # it was ended because its time was over


@contextmanager
def ran(argv: Sequence[str], files: dict[str, bytes], limits: Limits) -> Iterator[Ended]:
    """Run a program in a folder of its own that holds `files`, and yield how it ended.

    Its environment names no home, no proxy and no secret; its standard input is closed. What it
    wrote lies in the folder until the context is left.
    """
    with tempfile.TemporaryDirectory(prefix="simmer-cage-") as root:
        folder = Path(root) / "work"
        folder.mkdir()
        for name, data in files.items():
            (folder / name).write_bytes(data)
        if os.geteuid() == 0:  # the program will be nobody, and may enter and write here only
            Path(root).chmod(0o711)
            for path in (folder, *folder.iterdir()):
                os.chown(path, NOBODY, NOBODY)
        log = Path(root) / "said"
        code, is_late = _run(argv, folder, log, limits)
        yield Ended(folder, code, _last_words(log), is_late)


def _run(argv: Sequence[str], folder: Path, log: Path, limits: Limits) -> tuple[int, bool]:
    bounds = (os.getpid(), limits.cpu_s, limits.memory_bytes, limits.file_bytes)
    command = [sys.executable, "-I", "-S", str(_LAUNCHER), *map(str, bounds), *argv]
    environment = {"HOME": str(folder), "TMPDIR": str(folder), "LC_ALL": "C", "PATH": "/nowhere"}
    with (
        log.open("wb") as said,
        subprocess.Popen(
            command,
            cwd=folder,
            env=environment | {"OMP_NUM_THREADS": "1"},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        ) as child,
    ):
        try:
            return child.wait(limits.wall_s), False
        except subprocess.TimeoutExpired:
            return -signal.SIGKILL, True
        finally:
            _end(child.pid)


def _end(group: int) -> None:
    """End the program and whatever it started."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def _last_words(log: Path) -> str:
    data = log.read_bytes()[-_KEPT_WORDS:].decode("utf-8", "replace")
    return "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in data)


def read_output(folder: Path, name: str, most: int) -> bytes | None:
    """Return a file that the program wrote; None if it is not a plain file of at most `most`."""
    path = folder / name
    if path.is_symlink() or not path.is_file() or path.stat().st_size > most:
        return None
    return path.read_bytes()
