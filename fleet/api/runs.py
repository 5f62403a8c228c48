"""Runs: ask for one, watch it, stop it, read what came of it."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from benchmarks.analysis.metrics import ANALYSIS_VERSION
from fleet.analysis import ask_again, earlier
from fleet.api.auth import needs
from fleet.api.errors import Problem, conflict
from fleet.api.idempotency import once
from fleet.api.paging import page
from fleet.documents import metric_document, run_document
from fleet.models import Event, Run
from fleet.submission import Wish, cancel, submit

router = Router(tags=["runs"])


class RunQuestion(Schema, extra="forbid"):
    """What a run is asked to be."""

    benchmark: str = Field(description="A kind of `/benchmarks`.")
    params: dict[str, Any] = Field({}, description="The kind's parameters.")
    policy: dict[str, Any] = Field({"kind": "stock"}, description="What decides while it runs.")
    preconditions: dict[str, Any] = Field({}, description="What must hold before measuring.")
    device: str | None = Field(None, description="A serial; without it any device will do.")
    selector: dict[str, Any] = Field({}, description="kind, model, soc, tags, host.")
    labels: dict[str, str] = Field({}, description="What you want to find it by.")
    priority: int = Field(50, description="0 to 100; greater goes first.")
    seed: int = 1


@router.post("/runs", response={201: Any}, summary="Queue a run")
@needs("runs:write")
def create(request: HttpRequest, question: RunQuestion) -> Status[Any]:
    """Check the question whole, then queue it; 422 names the first field that is wrong."""

    def carry_out() -> tuple[int, Any]:
        run = submit(Wish(**question.model_dump()), request.user)  # type: ignore[arg-type]
        return 201, run_document(run)

    return Status(*once(request, carry_out))


@router.get("/runs", summary="Runs, newest first")
@needs("runs:read")
def runs(
    request: HttpRequest,
    state: str | None = None,
    device: str | None = None,
    benchmark: str | None = None,
    label: str | None = None,
    since: datetime | None = None,
    after: int | None = None,
    limit: int = 50,
) -> dict[str, Any]:
    """List runs by state, device, benchmark, `label=key:value` or time."""
    rows = _rows()
    if state:
        rows = rows.filter(state__in=state.split(","))
    if device:
        rows = rows.filter(device__serial=device)
    if benchmark:
        rows = rows.filter(benchmark=benchmark)
    if label:
        key, _, value = label.partition(":")
        rows = rows.filter(labels__contains={key: value})
    if since:
        rows = rows.filter(created_at__gte=since)
    return page(rows, after, limit, run_document, newest_first=True)


@router.get("/runs/{run_id}", summary="One run, whole")
@needs("runs:read")
def run(request: HttpRequest, run_id: int) -> dict[str, Any]:
    """Show a run with its metrics, verdict, Baseline and provenance."""
    row = find(run_id)
    return run_document(row, list(row.newest_metrics))


@router.post("/runs/{run_id}/cancellation", response={202: Any}, summary="Ask a run to stop")
@needs("runs:write")
def cancellation(request: HttpRequest, run_id: int) -> Status[Any]:
    """Ask a run to stop: a queued one ends at once, a live one within seconds."""
    row = find(run_id)

    def carry_out() -> tuple[int, Any]:
        with conflict("too_late"):
            word = cancel(row, request.user)  # type: ignore[arg-type]
        return 202, {"run": row.pk, "cancellation": word}

    return Status(*once(request, carry_out))


@router.post("/runs/{run_id}/analysis", response={202: Any}, summary="Judge it anew")
@needs("runs:write")
def analysis(request: HttpRequest, run_id: int) -> Status[Any]:
    """Draw metrics and verdict anew from the stored trace; the earlier numbers stay beside them."""
    row = find(run_id)

    def carry_out() -> tuple[int, Any]:
        with conflict("nothing_to_analyze"):
            ask_again(row)
        return 202, {"run": row.pk, "analysis": row.analysis, "wanted": ANALYSIS_VERSION}

    return Status(*once(request, carry_out))


@router.get("/runs/{run_id}/events", summary="The run's history")
@needs("runs:read")
def events(
    request: HttpRequest, run_id: int, after: int | None = None, limit: int = 200
) -> dict[str, Any]:
    """List who moved the run, when and why."""
    return page(Event.objects.filter(run=find(run_id)), after, limit, _event_document)


@router.get("/runs/{run_id}/metrics", summary="The run's numbers")
@needs("runs:read")
def metrics(request: HttpRequest, run_id: int) -> dict[str, Any]:
    """List the metrics of the newest analysis, labelled with the kind of device.

    `earlier` has the values that older analyses drew from the same trace, by their version.
    """
    row = find(run_id)
    return {
        "run": row.pk,
        "device_kind": row.device_kind,
        "speed": row.device_json.get("speed"),
        "verdict": row.verdict or None,
        "analysis": row.analysis,
        "items": [metric_document(metric) for metric in row.newest_metrics],
        "earlier": earlier(row),
        "next": None,
    }


def find(run_id: int) -> Run:
    """Return the run, or answer 404."""
    row = _rows().filter(pk=run_id).first()
    if row is None:
        raise Problem(404, "unknown_run", f"there is no run {run_id}", hint="GET /api/v1/runs")
    return row


def _rows() -> QuerySet[Run]:
    return Run.objects.select_related("device", "wanted")


def _event_document(event: Event) -> dict[str, Any]:
    return {
        "id": event.pk,
        "at": event.at,
        "word": event.word,
        "actor": event.actor,
        "reason": event.reason,
    }
