"""Experiments: an agenda is asked for, watched, and stopped as a whole."""

from typing import Any

import orjson
from django.http import HttpRequest
from ninja import Router, Status

from benchmarks.agenda import Agenda, AgendaError
from benchmarks.agenda_file import check_agenda, read_agenda
from fleet.api.auth import needs
from fleet.api.errors import Problem, conflict
from fleet.api.idempotency import once
from fleet.api.paging import page
from fleet.documents import run_document
from fleet.experiments import cancel_experiment, progress_of, submit_agenda
from fleet.models import Experiment
from fleet.submission import Refused

router = Router(tags=["experiments"])

BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": Agenda.model_json_schema()},
            "application/yaml": {"schema": {"type": "string"}},
        },
    }
}


@router.post("/experiments", response={201: Any}, summary="Queue an agenda", openapi_extra=BODY)
@needs("runs:write")
def create(request: HttpRequest) -> Status[Any]:
    """Check an agenda whole, JSON or YAML, then queue its runs; 422 names field and line."""

    def carry_out() -> tuple[int, Any]:
        experiment = submit_agenda(_agenda(request), request.user)  # type: ignore[arg-type]
        return 201, experiment_document(experiment)

    return Status(*once(request, carry_out))


@router.get("/experiments", summary="Experiments, newest first")
@needs("runs:read")
def experiments(request: HttpRequest, after: int | None = None, limit: int = 50) -> dict[str, Any]:
    """List experiments with their progress."""
    rows = Experiment.objects.all()
    return page(rows, after, limit, experiment_document, newest_first=True)


@router.get("/experiments/{experiment_id}", summary="One experiment with its runs")
@needs("runs:read")
def experiment(request: HttpRequest, experiment_id: int) -> dict[str, Any]:
    """Show an experiment: agenda, progress, time left, and its runs in their order."""
    row = find(experiment_id)
    runs = row.runs.select_related("device", "wanted").order_by("pk")
    return experiment_document(row) | {
        "agenda": row.agenda_json,
        "runs": [_seat(run) | run_document(run) for run in runs],
    }


@router.post(
    "/experiments/{experiment_id}/cancellation", response={202: Any}, summary="Stop all its runs"
)
@needs("runs:write")
def cancellation(request: HttpRequest, experiment_id: int) -> Status[Any]:
    """Ask every run that has not ended to stop; queued ones end at once."""
    row = find(experiment_id)

    def carry_out() -> tuple[int, Any]:
        with conflict("too_late"):
            asked = cancel_experiment(row, request.user)  # type: ignore[arg-type]
        return 202, {"experiment": row.pk, "asked": asked}

    return Status(*once(request, carry_out))


def find(experiment_id: int) -> Experiment:
    """Return the experiment, or answer 404."""
    row = Experiment.objects.filter(pk=experiment_id).first()
    if row is None:
        message = f"there is no experiment {experiment_id}"
        raise Problem(404, "unknown_experiment", message, hint="GET /api/v1/experiments")
    return row


def experiment_document(row: Experiment) -> dict[str, Any]:
    """Return an experiment with its progress."""
    progress = progress_of(row)
    return {
        "id": row.pk,
        "name": row.name,
        "state": progress.state,
        "created_at": row.created_at,
        "cancelling": row.cancel_requested_at is not None and progress.done < progress.total,
        "progress": {
            "done": progress.done,
            "total": progress.total,
            "states": dict(progress.counts),
            "left_s": progress.left_s,
        },
        "report": f"/reports/comparison?experiment={row.pk}",
    }


def _agenda(request: HttpRequest) -> Agenda:
    try:
        if "yaml" in request.headers.get("Content-Type", ""):
            return read_agenda(request.body.decode(errors="replace"))
        return check_agenda(orjson.loads(request.body))
    except orjson.JSONDecodeError as error:
        raise Refused(f"the body is no JSON: {error}", hint="or send application/yaml") from None
    except AgendaError as error:
        raise Refused(str(error), field=error.field) from None


def _seat(run: Any) -> dict[str, Any]:
    return {"section": run.section, "workload": run.workload, "repeat": run.repeat}
