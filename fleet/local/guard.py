"""The second line against orphans: a process that outlives its parent just to end the rest.

It reads `+PGID SIGNAL` and `-PGID` lines from a pipe. When the pipe ends, its parent is
gone: every process group still listed gets its signal, and soon after SIGKILL.
Standard library only: it is run as `python -I -S guard.py`.
"""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

LAST_GRACE_S = 1.2  # everything of a killed `up` is gone within 2 s


class Guard:
    """The parent's end of the pipe; a guard that was killed is replaced when next spoken to."""

    def __init__(self) -> None:
        self._groups: dict[int, int] = {}
        self._process = self._spawn()

    @property
    def pid(self) -> int:
        """The guard's process id."""
        return self._process.pid

    def protect(self, group: int, stop_signal: int) -> None:
        """End the process group `group` by `stop_signal` should this process vanish."""
        self._groups[group] = int(stop_signal)
        self._tell(f"+{group} {int(stop_signal)}\n")

    def forget(self, group: int) -> None:
        """The process group has ended; its number may soon belong to somebody else."""
        self._groups.pop(group, None)
        self._tell(f"-{group}\n")

    def close(self) -> None:
        """Let the guard end; what it still protects is ended with it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line.encode())
        except BrokenPipeError:
            self.close()
            self._process = self._spawn()
            known = "".join(f"+{group} {number}\n" for group, number in self._groups.items())
            assert self._process.stdin is not None
            self._process.stdin.write(known.encode())

    def _spawn(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(__file__).resolve())],
            stdin=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
        )


def main() -> None:
    """Keep the list until the pipe ends, then end everything on it."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    groups: dict[int, int] = {}
    for line in sys.stdin:
        group, _, stop_signal = line[1:].partition(" ")
        if line.startswith("+"):
            groups[int(group)] = int(stop_signal)
        else:
            groups.pop(int(group), None)
    _end(groups)


def _end(groups: dict[int, int]) -> None:
    alive = {group for group, stop_signal in groups.items() if _signal(group, stop_signal)}
    if alive:
        select.select([], [], [], LAST_GRACE_S)
    for group in alive:
        _signal(group, signal.SIGKILL)


def _signal(group: int, number: int) -> bool:
    try:
        os.killpg(group, number)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main()
