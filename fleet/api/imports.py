"""Imports: what another tool printed, kept as runs that enter no verdict."""

from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from benchmarks.imports import TOOLS
from fleet.api.auth import needs
from fleet.api.idempotency import once
from fleet.documents import run_document
from fleet.imports import import_results

router = Router(tags=["runs"])


class ImportQuestion(Schema, extra="forbid"):
    """The output of a tool, and what it was measured on."""

    text: str = Field(description="The whole output, as the tool printed it.")
    tool: str = Field("", description=f"{', '.join(TOOLS)}; without it the text tells.")
    device: str = Field("", max_length=128, description="What it was measured on, in your words.")
    labels: dict[str, str] = Field({}, description="What you want to find it by.")


@router.post("/imports", response={201: Any}, summary="Keep the numbers of another tool")
@needs("runs:write")
def create(request: HttpRequest, question: ImportQuestion) -> Status[Any]:
    """Make a run of kind `imported` of each result; shown beside others, never judged."""

    def carry_out() -> tuple[int, Any]:
        asked = question.model_dump()
        runs = import_results(**asked, by=request.user)  # type: ignore[arg-type]
        items = [run_document(run, list(run.newest_metrics)) for run in runs]
        return 201, {"items": items, "next": None}

    return Status(*once(request, carry_out))
