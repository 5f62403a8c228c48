"""The trace of a run: as many points as asked for, labelled with what kind of device made it."""

from typing import Any, Literal

import orjson
from django.db import connection
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from benchmarks.naming import unknown
from fleet.api.auth import needs
from fleet.api.errors import Problem
from fleet.api.runs import find
from fleet.models import Run
from fleet.traces.exports import as_csv, as_json
from fleet.traces.records import read_records
from fleet.traces.window import Window, read_window

router = Router(tags=["runs"])

MAX_POINTS = 20_000  # per channel, what a plot could ever show


class WindowQuestion(Schema):
    """Which part of a trace, and how fine."""

    channels: str | None = None  # comma-separated names; all without it
    start: float | None = None  # [s of trace time]
    end: float | None = None
    points: int | None = None  # per channel; every row without it
    format: Literal["json", "csv", "block"] = "json"


@router.get("/runs/{run_id}/trace", summary="What the run measured")
@needs("runs:read")
def trace(request: HttpRequest, run_id: int, question: Query[WindowQuestion]) -> HttpResponse:
    """Return channels between two trace times; JSON and CSV say units, blocks are stored bytes."""
    run = find(run_id)
    if question.points is not None and not 2 <= question.points <= MAX_POINTS:
        raise Problem(
            422,
            "invalid",
            f"points: {question.points} is outside 2 to {MAX_POINTS}",
            field="points",
            hint="a plot needs about as many points as it has pixels",
        )
    connection.ensure_connection()
    names = _names(question.channels)
    if question.format == "block":
        records = read_records(connection.connection, run.pk, _facts(run), names, question.points)
        return HttpResponse(b"".join(records), content_type="application/octet-stream")
    window = read_window(
        connection.connection,
        run.pk,
        names,
        _us(question.start),
        _us(question.end),
        question.points,
    )
    _check_names(names, window)
    if question.format == "csv":
        return _download(as_csv(window, _facts(run)), f"run-{run.pk}.csv")
    body = orjson.dumps(as_json(window, _facts(run)))
    return HttpResponse(body, content_type="application/json")


def _facts(run: Run) -> dict[str, Any]:
    """Return what every copy of a trace says about where it came from."""
    return {
        "id": run.pk,
        "benchmark": run.benchmark,
        "state": run.state,
        "device_kind": run.device_kind,
        "speed": run.device_json.get("speed"),
        "device": run.device.name if run.device else None,
    }


def _names(text: str | None) -> set[str] | None:
    return {name.strip() for name in text.split(",")} if text else None


def _check_names(names: set[str] | None, window: Window) -> None:
    """Refuse a name that no trial of the run has, once there are any trials."""
    known = {c.name for trial in window.trials for g in trial.groups for c in g.channels}
    for name in sorted(names or ()):
        if known and name not in known:
            raise Problem(422, "invalid", str(unknown("channel", name, known)), field="channels")


def _us(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1e6)


def _download(body: str, name: str) -> HttpResponse:
    answer = HttpResponse(body, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
