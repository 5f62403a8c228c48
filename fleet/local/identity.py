"""As whom Postgres runs: it refuses root, so root has to become somebody else."""

import os
import subprocess
import sys
from pathlib import Path

from fleet.local.child import LAUNCHER
from fleet.local.errors import LocalFarmError
from fleet.local.launch import NOBODY

PLAIN, USERNS, AS_NOBODY = "plain", "userns", "nobody"


def choose_identity(owner_file: Path) -> str:
    """Return how this cluster is run; how it was made once stays so."""
    ways = possible()
    if not owner_file.exists():
        return ways[0]
    made_as = owner_file.read_text().strip()
    if made_as not in ways:
        raise LocalFarmError(
            f"the database in {owner_file.parent} was made as {made_as!r}, and this user can only "
            f"run it as {' or '.join(ways)}; start it as the user who made it"
        )
    return made_as


def hand_over(identity: str, *directories: Path) -> None:
    """Give the directories to nobody where Postgres runs as nobody."""
    if identity != AS_NOBODY:
        return
    for directory in directories:
        _require_reachable(directory)
        for path in (directory, *directory.rglob("*")):
            if path.lstat().st_uid != NOBODY:
                os.chown(path, NOBODY, NOBODY, follow_symlinks=False)


def possible() -> tuple[str, ...]:
    """Return the ways in which this user can run Postgres, the best one first."""
    if os.geteuid() != 0:
        return (PLAIN,)
    return (USERNS, AS_NOBODY) if _namespaces_allowed() else (AS_NOBODY,)


def _namespaces_allowed() -> bool:
    tie = (str(os.getpid()), "9", USERNS)
    probe = [sys.executable, "-I", "-S", str(LAUNCHER), *tie, "true"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def _require_reachable(directory: Path) -> None:
    for parent in directory.parents:
        if not parent.stat().st_mode & 0o001:
            raise LocalFarmError(
                f"root cannot run Postgres and {parent} is closed to the user nobody; "
                "start as an ordinary user, or name a --data that others may pass through"
            )
