"""Decides whether the lock files that a killed Postgres left behind may be removed.

A killed postmaster that nobody reaps stays a zombie, and its number may be given to
another process: Postgres then refuses to start. `postmaster.pid` guards shared memory, and
two servers on one directory destroy it, so it and the socket's lock go only when no living
process works there.
"""

from pathlib import Path

import psutil

from devices.clock import HOST
from fleet.local.errors import LocalFarmError

PATIENCE_S = 10.0
STEP_S = 0.05


def clear_stale_locks(cluster: Path, sockets: Path) -> None:
    """Remove stale locks of the cluster and its socket; refuse while a server lives there."""
    locks = [cluster / "postmaster.pid", *sockets.glob(".s.PGSQL.*.lock")]
    left = [lock for lock in locks if lock.exists()]
    if not left:
        return
    pid = int(left[0].read_text().split("\n", 1)[0] or 0)
    if pid in _living(cluster):
        raise LocalFarmError(f"Postgres {pid} already serves {cluster}; stop it first")
    _wait_for_orphans(cluster)
    for lock in left:
        lock.unlink(missing_ok=True)


def _wait_for_orphans(cluster: Path) -> None:
    for _ in range(round(PATIENCE_S / STEP_S)):
        if not _living(cluster):
            return
        HOST.wait(STEP_S)
    raise LocalFarmError(
        f"processes {sorted(_living(cluster))} of a killed Postgres still work in {cluster}; "
        "end them first"
    )


def _living(cluster: Path) -> set[int]:
    """Return the processes that are not zombies and work in `cluster`.

    The command line is not enough: postgres' children give themselves other names, but
    all of them change into the cluster's directory.
    """
    return {process.pid for process in psutil.process_iter() if _works_in(process, cluster)}


def _works_in(process: psutil.Process, cluster: Path) -> bool:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return Path(process.cwd()) == cluster.resolve()
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return _is_postgres(process)


def _is_postgres(process: psutil.Process) -> bool:
    # What cannot be looked into counts as living there only if it could be a server.
    return process.name().startswith("postgres")
