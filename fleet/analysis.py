"""Seal a finished run's trace and draw metrics and verdict from it; touches no phone."""

import logging

from django.db import connection, transaction
from django.utils import timezone

from benchmarks.analysis.metrics import ANALYSIS_VERSION
from benchmarks.catalog import CATALOG
from fleet.lifecycle.run import State
from fleet.models import Event, Metric, Run
from fleet.traces.store import load_trace, seal_trial

log = logging.getLogger(__name__)


def analyze(run_id: int) -> None:
    """Carry a run from `analyzing` to `completed`, or say why it cannot get there."""
    run = Run.objects.get(pk=run_id)
    if run.state != State.ANALYZING:
        log.info("run %s is %s, nothing to analyze", run_id, run.state)
        return
    try:
        _analyze(run)
    except Exception as error:
        log.exception("analysis of run %s", run_id)
        _end(run, State.FAILED, f"bug: analysis: {type(error).__name__}: {error}")


def _analyze(run: Run) -> None:
    trials = list(run.trials.filter(attempt=run.attempt).order_by("number"))
    connection.ensure_connection()
    for trial in trials:
        seal_trial(connection.connection, trial.pk)
    trace = load_trace(connection.connection, [trial.pk for trial in trials])
    result = CATALOG[run.benchmark].analyze(trace, run.spec)
    with transaction.atomic():
        Metric.objects.bulk_create(
            [
                Metric(
                    run=run,
                    analysis=ANALYSIS_VERSION,
                    name=metric.name,
                    value=metric.value,
                    unit=metric.unit,
                    better=metric.better,
                    source=metric.source,
                    note=metric.note,
                )
                for metric in result.metrics
            ],
            ignore_conflicts=True,
        )
        Run.objects.filter(pk=run.pk).update(
            analysis=ANALYSIS_VERSION,
            verdict=result.verdict.word,
            reasons=[reason.model_dump(mode="json") for reason in result.verdict.reasons],
            details=result.details,
        )
        _end(run, State.COMPLETED, None)


def _end(run: Run, state: State, failure: str | None) -> None:
    with transaction.atomic():
        moved = Run.objects.filter(pk=run.pk, state=State.ANALYZING).update(
            state=state, failure=failure, finished_at=timezone.now()
        )
        if moved:
            Event.objects.create(run=run, word=state, actor="analysis", reason=failure)
