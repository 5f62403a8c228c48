"""Remembers the children on disk, and ends what a killed farm left running."""

import contextlib
import json
import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from fleet.local.child import Child
from fleet.local.datadir import DataDir

PATIENCE_S = 5.0
SAME_START_S = 0.02  # [s] start times are read back with this precision


@dataclass(frozen=True)
class Register:
    """`run/children.json`: pid, start time [s] and signal of each child."""

    data: DataDir

    def write(self, children: Mapping[str, Child]) -> None:
        """Note the children that run now."""
        rows = {name: _row(child) for name, child in children.items() if child.poll() is None}
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps(rows))
        fresh.replace(self._path)

    def clear(self) -> None:
        """Nothing runs any more."""
        self._path.unlink(missing_ok=True)

    def end_leftovers(self) -> list[str]:
        """End children of a farm that was killed; return their names.

        A pid may have been given to another process: only the same start time counts.
        """
        try:
            rows = json.loads(self._path.read_text())
        except (FileNotFoundError, ValueError):
            return []
        left = {name: found for name, row in rows.items() if (found := _find(*row[:2]))}
        for name, process in left.items():
            _signal_group(process.pid, rows[name][2])
        _, stubborn = psutil.wait_procs(list(left.values()), timeout=PATIENCE_S)
        for process in stubborn:
            _signal_group(process.pid, signal.SIGKILL)
        self.clear()
        return sorted(left)

    @property
    def _path(self) -> Path:
        return self.data.root / "run" / "children.json"


def _row(child: Child) -> tuple[int, float, int]:
    with contextlib.suppress(psutil.NoSuchProcess):
        started = psutil.Process(child.pid).create_time()
        return child.pid, started, int(child.part.death_signal)
    return child.pid, 0.0, int(child.part.death_signal)


def _find(pid: int, started_s: float) -> psutil.Process | None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        same = abs(process.create_time() - started_s) < SAME_START_S
        if same and process.status() != psutil.STATUS_ZOMBIE:
            return process
    return None


def _signal_group(group: int, number: int) -> None:
    with contextlib.suppress(OSError):
        os.killpg(group, number)
