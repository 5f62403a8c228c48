"""One child process of the farm: spawned, logged, signalled."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from devices.clock import HOST
from fleet.bootstrap import REPOSITORY
from fleet.local.guard import Guard
from fleet.local.logs import cap

LAUNCHER = Path(__file__).with_name("launch.py")


def is_alive(child: "Child") -> bool:
    """Ready as soon as it runs."""
    return child.poll() is None


@dataclass(frozen=True)
class Part:
    """How one part of the farm is started, found ready, and stopped.

    prepare: runs before each start; a sentence in a LocalFarmError keeps it from starting
    ready: asked every 50 ms until it says yes
    settle: runs once after each start, when the part is ready
    pulse: seconds since its last sign of life in the database; None when that cannot be told
    grace_s: what `stop_signal` is given before harder ones
    layer: what stands on it has a higher one, and is stopped before it
    """

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    identity: str = "plain"
    prepare: Callable[[], None] | None = None
    ready: "Callable[[Child], bool]" = is_alive
    settle: "Callable[[Child], None] | None" = None
    pulse: Callable[[], float | None] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGTERM
    harder_signals: tuple[signal.Signals, ...] = (signal.SIGKILL,)
    grace_s: float = 2.0
    layer: int = 2


class Child:
    """A running process of a part, leader of its own process group."""

    def __init__(self, part: Part, log: Path, guard: Guard | None = None) -> None:
        self.part = part
        self._log = log
        self._guard = guard
        cap(log)
        self.started_ns = HOST.now_ns()
        self._log_start = log.stat().st_size if log.exists() else 0
        self._process = self._spawn()
        self.pid = self._process.pid
        if guard is not None:
            guard.protect(self.pid, part.death_signal)

    def _spawn(self) -> "subprocess.Popen[bytes]":
        # The launcher's parent-death signal follows this thread: spawn from the main one.
        part = self.part
        tie = (str(os.getpid()), str(int(part.death_signal)), part.identity)
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-I", "-S", str(LAUNCHER), *tie, *part.argv],
                cwd=REPOSITORY,
                env={**os.environ, **part.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs."""
        if self._process.returncode is None and self._process.poll() is not None:
            self._bury()
        return self._process.returncode

    def _bury(self) -> None:
        # A pool's main process that was killed leaves its pool behind, in its group.
        with contextlib.suppress(OSError):
            os.killpg(self.pid, signal.SIGKILL)
        if self._guard is not None:
            self._guard.forget(self.pid)

    def output(self) -> str:
        """Return what this process has printed since its start."""
        with self._log.open("rb") as log:
            capped = log.seek(0, os.SEEK_END) < self._log_start
            log.seek(0 if capped else self._log_start)
            return log.read().decode(errors="replace")

    def last_lines(self, count: int) -> str:
        """Return the end of what it has printed."""
        return "\n".join(self.output().splitlines()[-count:])

    def signal(self, number: signal.Signals) -> None:
        """Signal the process, or with SIGKILL its whole group."""
        if self.poll() is not None:
            return
        if number is signal.SIGKILL:
            os.killpg(self.pid, number)
        else:
            os.kill(self.pid, number)
