"""Seal a finished run's trace and draw metrics and verdict from it; touches no phone."""

import logging

from django.db import connection, transaction
from django.utils import timezone

from benchmarks.analysis.metrics import ANALYSIS_VERSION
from benchmarks.catalog.base import Analysis
from benchmarks.trace import Trace, TraceBuilder
from fleet.lifecycle.run import State
from fleet.models import Event, Metric, Run, Trial
from fleet.traces.items import stored_items
from fleet.traces.seal import seal_trial

log = logging.getLogger(__name__)


def analyze(run_id: int) -> None:
    """Carry a run from `analyzing` to `completed`, or say why it cannot get there."""
    run = Run.objects.get(pk=run_id)
    if run.state != State.ANALYZING:
        log.info("run %s is %s, nothing to analyze", run_id, run.state)
        return
    try:
        analysis = run.spec.benchmark.analyze(sealed_trace(run))
    except Exception as error:
        log.exception("analysis of run %s", run_id)
        _end(run, State.FAILED, f"bug: analysis: {type(error).__name__}: {error}")
    else:
        _complete(run, analysis)


def reanalyze(run: Run) -> bool:
    """Draw metrics and verdict anew from a completed run's stored trace; return whether it could.

    The numbers of earlier analyses stay beside the new ones, each under its version.
    """
    if run.state != State.COMPLETED or not run.attempt:  # no attempt: imported, without a trace
        return False
    _keep(run, run.spec.benchmark.analyze(sealed_trace(run)))
    return True


def sealed_trace(run: Run) -> Trace:
    """Seal the trials of the last attempt and return them as one trace."""
    connection.ensure_connection()
    builder = TraceBuilder()
    for trial in Trial.objects.filter(run=run, attempt=run.attempt).order_by("number"):
        seal_trial(connection.connection, trial.pk)
        builder.extend(stored_items(connection.connection, trial.pk))
    return builder.build()


def _complete(run: Run, analysis: Analysis) -> None:
    with transaction.atomic():
        _keep(run, analysis)
        _end(run, State.COMPLETED, None)


@transaction.atomic
def _keep(run: Run, analysis: Analysis) -> None:
    Metric.objects.filter(run=run, analysis=ANALYSIS_VERSION).delete()
    Metric.objects.bulk_create(
        Metric(run=run, analysis=ANALYSIS_VERSION, **metric.as_dict())
        for metric in analysis.metrics
    )
    Run.objects.filter(pk=run.pk).update(
        analysis=ANALYSIS_VERSION,
        verdict=analysis.verdict.word,
        reasons=[reason.as_dict() for reason in analysis.verdict.reasons],
        details=analysis.details,
    )


def _end(run: Run, state: State, failure: str | None) -> None:
    with transaction.atomic():
        moved = Run.objects.filter(pk=run.pk, state=State.ANALYZING).update(
            state=state, failure=failure, finished_at=timezone.now()
        )
        if moved:
            Event.objects.create(run=run, word=state, actor="analysis", reason=failure)
