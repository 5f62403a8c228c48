"""The two doorbells: a message carries an id, losing one or hearing it twice changes nothing."""

import logging

from kombu.exceptions import OperationalError

from fleet.celery import app

log = logging.getLogger(__name__)

EXECUTE = "fleet.execute_run"
ANALYZE = "fleet.analyze_run"


def ring_worker(run: int, host: str) -> None:
    """Tell the worker of `host` that it holds an offer for `run`."""
    _ring(EXECUTE, run, f"host.{host}")


def ring_analysis(run: int) -> None:
    """Tell the analysis worker that the rows of `run` are complete."""
    _ring(ANALYZE, run, "analysis")


def _ring(task: str, run: int, queue: str) -> None:
    try:
        app.send_task(task, (run,), queue=queue, retry=False)
    except (OperationalError, OSError) as error:
        log.warning("could not ring %s for run %s; the sweep will: %s", queue, run, error)
