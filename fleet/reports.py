"""Comparisons of stored runs: chosen, brought together, and answered as one object."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Prefetch
from django.utils import timezone

from benchmarks.analysis.comparison import scale_of
from benchmarks.analysis.metrics import Metric
from benchmarks.analysis.noise_floor import noise_floor
from benchmarks.comparing.contract import contract_of
from benchmarks.comparing.measured import Measured
from benchmarks.comparing.report import Question, report
from benchmarks.naming import UnknownName
from fleet.lifecycle.run import State
from fleet.models import Metric as MetricRow
from fleet.models import Run
from fleet.overlay import overlay
from fleet.submission import Refused

MOST_RUNS = 400
HISTORY = 40  # how many earlier runs a noise floor is taken from


def comparison(
    runs: Sequence[Run],
    question: Question,
    experiment: int | None = None,
    confirmation: int | None = None,
) -> dict[str, Any]:
    """Return the comparison of some runs, with their traces laid over each other.

    confirmation: an experiment that asked the same again
    """
    measured = [measured_of(run) for run in runs]
    again = choose(experiment=confirmation) if confirmation is not None else []
    connection.ensure_connection()
    try:
        found = report(measured, question, _floors(runs), [measured_of(run) for run in again])
    except UnknownName as error:
        field = "reference" if str(error).startswith("There is no side") else "by"
        raise Refused(str(error), field=field) from None
    traces = overlay(connection.connection, found, {run.pk: run for run in runs})
    if traces is not None:
        found["figures"].insert(0, traces.as_dict())
    return found | {
        "generated_at": timezone.now(),
        "experiment": experiment,
        "confirmation": confirmation,
        "permalink": permalink(runs, question, experiment, confirmation),
        "runs": [_brief(run) for run in runs],
    }


def choose(
    runs: Sequence[int] = (), experiment: int | None = None, labels: Sequence[str] = ()
) -> list[Run]:
    """Return the runs of a question, oldest first. Raises Refused.

    labels: `KEY:VALUE`, each a set of runs
    """
    rows = Run.objects.select_related("device", "wanted").prefetch_related(
        Prefetch("metrics", MetricRow.objects.order_by("id"))
    )
    if experiment is not None:
        found = list(rows.filter(experiment=experiment).order_by("pk"))
        _check_found(found, f"experiment {experiment} has no runs", "experiment")
    elif labels:
        found = [run for label in labels for run in rows.filter(labels__contains=_label(label))]
        found = sorted({run.pk: run for run in found}.values(), key=lambda run: run.pk)
        _check_found(found, f"no run has a label {' or '.join(labels)}", "a")
    else:
        by_number = rows.in_bulk(list(runs))
        missing = [number for number in runs if number not in by_number]
        if missing:
            raise Refused(f"there is no run {missing[0]}", field="runs", hint="GET /api/v1/runs")
        found = [by_number[number] for number in sorted(by_number)]
        _check_found(found, "no run is named", "runs")
    if len(found) > MOST_RUNS:
        raise Refused(
            f"{len(found)} runs; a comparison holds {MOST_RUNS}",
            field="runs",
            hint="name the runs of some devices or workloads",
        )
    return found


def _check_found(found: Sequence[Run], message: str, field: str) -> None:
    if not found:
        hint = "choose runs on /runs/, or name an experiment"
        raise Refused(message, field=field, hint=hint)


def _label(text: str) -> dict[str, str]:
    key, colon, value = text.partition(":")
    if not colon:
        raise Refused(f"{text!r} is no label", field="a", hint="write KEY:VALUE, as build:pr-1")
    return {key: value}


def permalink(
    runs: Sequence[Run],
    question: Question,
    experiment: int | None,
    confirmation: int | None = None,
) -> str:
    """Return the address of a report's page: everything that it depends on stands in it."""
    which = (
        f"experiment={experiment}"
        if experiment is not None
        else ("runs=" + ",".join(str(run.pk) for run in runs))
    )
    parts = [which]
    if confirmation is not None:
        parts.append(f"confirmation={confirmation}")
    if question.by:
        parts.append(f"by={question.by}")
    if question.reference:
        parts.append(f"reference={question.reference}")
    if question.threshold != Question().threshold:
        parts.append(f"threshold={question.threshold:g}")
    return "/reports/comparison?" + "&".join(parts)


def measured_of(run: Run) -> Measured:
    """Return a stored run as comparisons see it."""
    spec = run.spec_json
    benchmark = spec.get("benchmark", {})
    device = run.device or run.wanted
    return Measured(
        run=run.pk,
        device=f"{device} ({device.serial})" if device else str(run.device_json.get("model", "")),
        workload=run.workload or str(benchmark.get("workload", "")),
        contract=contract_of(
            benchmark=run.benchmark,
            params=benchmark,
            policy=spec.get("policy", {}),
            preconditions=spec.get("preconditions", {}),
            facts=_facts(run),
        ),
        metrics={metric.name: metric for metric in _metrics(run)},
        verdict=run.verdict,
        section=run.section,
        experiment=run.experiment_id,
        repeat=run.repeat,
        labels=run.labels,
        reasons=run.reasons,
        details=run.details,
        failure="" if run.state == State.COMPLETED else f"it is {run.state}",
    )


def _facts(run: Run) -> dict[str, Any]:
    """Return what must be equal besides what was asked for."""
    profile, baseline = run.device_json, run.baseline or {}
    return {
        "serial": profile.get("serial"),
        "product": profile.get("model"),
        "soc": profile.get("soc"),
        "os_build": profile.get("fingerprint"),
        "device_kind": run.device_kind,
        "speed": profile.get("speed"),
        "agent": run.provenance.get("agent", {}).get("sha256"),
        "runtime": run.provenance.get("runtime"),
        "workload_sha256": baseline.get("workload_sha256"),
        "param_sha256": baseline.get("param_sha256"),
        "analysis": run.analysis,
    }


def _metrics(run: Run) -> list[Metric]:
    """Return the metrics of the newest analysis."""
    return [
        Metric(row.name, row.value, row.unit, row.better, row.source, row.note)  # type: ignore[arg-type]
        for row in run.metrics.all()
        if row.analysis == run.analysis
    ]


def _floors(runs: Sequence[Run]) -> dict[tuple[str, str], float]:
    """Return noise floors from stored repeats of the very same thing, per device and metric."""
    floors: dict[tuple[str, str], float] = {}
    seen: set[int] = set()
    for run in runs:
        if run.device_id is None or run.device_id in seen or run.state != State.COMPLETED:
            continue
        seen.add(run.device_id)
        for name, values in _repeats(run).items():
            floor = noise_floor(values, scale_of(name, _unit(run, name)))
            if floor is not None:
                floors[measured_of(run).device, name] = floor
    return floors


def _repeats(run: Run) -> Mapping[str, list[float]]:
    """Return the metrics of the newest runs of the same thing on the same device, in order."""
    alike = Run.objects.filter(
        device=run.device_id,
        state=State.COMPLETED,
        analysis=run.analysis or 0,
        verdict__in=("valid", "degraded"),
        spec_json__benchmark=run.spec_json.get("benchmark"),
        spec_json__policy=run.spec_json.get("policy"),
        device_json__fingerprint=run.device_json.get("fingerprint"),
    )
    newest = list(alike.order_by("-pk").values_list("pk", flat=True)[:HISTORY])
    rows = MetricRow.objects.filter(run__in=newest, analysis=run.analysis or 0)
    found: dict[str, list[float]] = {}
    for name, value in rows.order_by("run_id").values_list("name", "value"):
        if value is not None:
            found.setdefault(name, []).append(value)
    return found


def _unit(run: Run, metric: str) -> str:
    return next((row.unit for row in run.metrics.all() if row.name == metric), "")


def _brief(run: Run) -> dict[str, Any]:
    device = run.device or run.wanted
    return {
        "id": run.pk,
        "state": run.state,
        "verdict": run.verdict or None,
        "device": str(device) if device else None,
        "device_kind": run.device_kind,
        "speed": run.device_json.get("speed"),
        "section": run.section,
        "repeat": run.repeat,
        "started_at": run.started_at,
        "attempt": run.attempt,
    }
