"""Seal a finished run's trace and draw metrics and verdict from it; touches no phone."""

import logging
from collections.abc import Sequence

from django.db import connection, transaction
from django.utils import timezone

from benchmarks.analysis.metrics import ANALYSIS_VERSION
from benchmarks.analysis.metrics import Metric as Drawn
from benchmarks.analysis.throttling import detect
from benchmarks.analysis.validity import Verdict, judge
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
        trace = sealed_trace(run)
        metrics = run.spec.benchmark.analyze(trace)
        verdict = judge(trace, run.baseline or {})
    except Exception as error:
        log.exception("analysis of run %s", run_id)
        _end(run, State.FAILED, f"bug: analysis: {type(error).__name__}: {error}")
    else:
        _complete(run, trace, metrics, verdict)


def sealed_trace(run: Run) -> Trace:
    """Seal the trials of the last attempt and return the measured one's trace."""
    connection.ensure_connection()
    trials = list(Trial.objects.filter(run=run, attempt=run.attempt))
    for trial in trials:
        seal_trial(connection.connection, trial.pk)
    measured = next(trial for trial in trials if trial.number == 1)
    return TraceBuilder().extend(stored_items(connection.connection, measured.pk)).build()


def _complete(run: Run, trace: Trace, metrics: Sequence[Drawn], verdict: Verdict) -> None:
    document = verdict.as_dict()
    with transaction.atomic():
        Metric.objects.bulk_create(
            [Metric(run=run, analysis=ANALYSIS_VERSION, **drawn.as_dict()) for drawn in metrics],
            ignore_conflicts=True,
        )
        Run.objects.filter(pk=run.pk).update(
            analysis=ANALYSIS_VERSION,
            verdict=document["word"],
            reasons=document["reasons"],
            details=detect(trace).details() | {"start_us": trace.start_ns // 1000},
        )
        _end(run, State.COMPLETED, None)


def _end(run: Run, state: State, failure: str | None) -> None:
    with transaction.atomic():
        moved = Run.objects.filter(pk=run.pk, state=State.ANALYZING).update(
            state=state, failure=failure, finished_at=timezone.now()
        )
        if moved:
            Event.objects.create(run=run, word=state, actor="analysis", reason=failure)
