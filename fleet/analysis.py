"""Seal a finished run's trace and draw metrics and verdict from it; touches no phone."""

import logging

from django.db import connection, transaction
from django.utils import timezone

from benchmarks.analysis.metrics import ANALYSIS_VERSION
from benchmarks.catalog.base import Analysis
from benchmarks.trace import Trace, TraceBuilder
from fleet.doorbell import ring_analysis
from fleet.lifecycle.run import State
from fleet.models import Event, Metric, Run, Trial
from fleet.submission import Refused
from fleet.traces.items import stored_items
from fleet.traces.seal import seal_trial

log = logging.getLogger(__name__)


def analyze(run_id: int) -> None:
    """Carry a run from `analyzing` to `completed`, or say why it cannot get there.

    A completed run that an older analysis has judged is judged anew.
    """
    run = Run.objects.get(pk=run_id)
    if is_outdated(run):
        reanalyze(run)
        return
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


def ask_again(run: Run) -> None:
    """Have a completed run judged anew, soon. Raises Refused where that would change nothing."""
    if run.state != State.COMPLETED or not run.attempt:
        raise Refused(f"run {run.pk} has no trace that could be analyzed again")
    if not is_outdated(run):
        raise Refused(
            f"run {run.pk} is judged by analysis {ANALYSIS_VERSION} already, the newest there is"
        )
    ring_analysis(run.pk)


def is_outdated(run: Run) -> bool:
    """Whether a run's trace could be judged by a newer analysis than it was."""
    is_stored = run.state == State.COMPLETED and run.attempt > 0
    return is_stored and run.analysis != ANALYSIS_VERSION


def earlier(run: Run) -> dict[int, dict[str, float | None]]:
    """Return the numbers of earlier analyses, newest first: version -> metric -> value."""
    rows = Metric.objects.filter(run=run).exclude(analysis=run.analysis or 0)
    found: dict[int, dict[str, float | None]] = {}
    for row in rows.order_by("-analysis", "id"):
        found.setdefault(row.analysis, {})[row.name] = row.value
    return found


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
