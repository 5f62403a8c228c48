"""Simmer's own processes: web, workers, dispatcher, watcher, and the steps before them."""

import signal
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from benchmarks.cloud.service import TOKEN_VARIABLE
from benchmarks.uploads.store import FOLDER_VARIABLE
from fleet.local.child import Part, is_alive
from fleet.local.environment import HOST_NAME, PYTHON
from fleet.local.ports import LOOPBACK

MANAGE = (PYTHON, "-m", "django")  # `manage.py` without the look at `.venv`
CELERY = (PYTHON, "-m", "celery", "-A", "fleet", "worker", "-l", "INFO")
ALONE = ("--without-gossip", "--without-mingle")  # workers have nothing to tell each other
WEBSOCKETS = ("--ws-max-size", "65536", "--ws-ping-interval", "20", "--ws-ping-timeout", "20")


def first_steps() -> Part:
    """Tables and first admin."""
    return Part(
        name="first-steps",
        argv=(PYTHON, "-m", "fleet.local.first_steps"),
        environment={"SIMMER_DB_USER": "migrate"},
    )


def web(port: int) -> Part:
    """Pages, REST and websockets; ready when it says that it is healthy."""
    address = ("--host", LOOPBACK, "--port", str(port))
    return Part(
        name="web",
        argv=(
            *(PYTHON, "-m", "uvicorn", "fleet.asgi:application", *address, *WEBSOCKETS),
            *("--no-access-log", "--timeout-graceful-shutdown", "1"),
        ),
        environment={"SIMMER_ROLE": "web"},
        ready=lambda _: _is_healthy(f"http://{LOOPBACK}:{port}/api/v1/health"),
    )


def host_worker(slots: int, segments: Mapping[str, str]) -> Part:
    """Everything that touches this host's phones: one thread per run.

    `segments` tells it where the segment server is, and the word that opens it.
    """
    queue = f"host.{HOST_NAME}"
    worker = _worker("worker", queue, "-P", "threads", "-c", str(slots))
    return replace(worker, environment=segments)


def analysis_worker() -> Part:
    """Sealing, metrics, exports: never in the way of a measuring loop, nor of the first page."""
    pool = ("-P", "prefork", "-c", "1", "--max-tasks-per-child", "50")
    worker = _worker("analysis", "analysis", *pool)
    return replace(
        worker,
        argv=("nice", "-n", "10", *worker.argv),
        ready=is_alive,
        # An idle pool takes two seconds to leave; what is cut off is rung for again.
        grace_s=1.0,
        harder_signals=(signal.SIGKILL,),
    )


def segment_server(port: int, token: str, workloads: Path) -> Part:
    """Segments of divided networks; it knows no database, and nobody waits for it.

    Uploaded networks it finds in the folder `workloads`, by their digests.
    """
    argv = (PYTHON, "-m", "benchmarks.cloud", "--host", LOOPBACK, "--port", str(port))
    return Part(
        name="segments",
        argv=("nice", "-n", "10", *argv),
        environment={
            TOKEN_VARIABLE: token,
            FOLDER_VARIABLE: str(workloads),
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        },
        ready=is_alive,
        layer=1,
    )


def dispatcher() -> Part:
    """Matches runs with phones, rings the doorbell, reaps."""
    return _manage("dispatcher", "dispatch")


def watcher() -> Part:
    """Sees phones come and go on this host's adb server."""
    return _manage("watcher", "watch_devices")


def _manage(name: str, *arguments: str) -> Part:
    return Part(
        name=name,
        argv=(*MANAGE, *arguments),
        ready=lambda child: "ready" in child.output().splitlines(),
    )


def _worker(name: str, queue: str, *pool: str) -> Part:
    return Part(
        name=name,
        argv=(*CELERY, *ALONE, "-Q", queue, "-n", f"{queue}@%h", *pool),
        ready=lambda child: " ready." in child.output(),
        # The truth is in Postgres and on the phone: nothing is lost by ending it at once.
        death_signal=signal.SIGKILL,
        harder_signals=(signal.SIGQUIT, signal.SIGKILL),
    )


def _is_healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
