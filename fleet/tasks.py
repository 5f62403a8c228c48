"""What Celery may ask for; each task translates an id and calls the story."""

from celery import shared_task

from fleet import analysis, execution
from fleet.doorbell import ANALYZE, EXECUTE


@shared_task(name=EXECUTE)
def execute_run(run: int) -> None:
    """Carry a leased run from the phone it finds to the phone it leaves."""
    execution.execute(run)


@shared_task(name=ANALYZE)
def analyze_run(run: int) -> None:
    """Seal a finished run's trace and draw its metrics and verdict."""
    analysis.analyze(run)
