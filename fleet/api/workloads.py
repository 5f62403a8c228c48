"""Workloads: what runs may name, and networks that users bring."""

from typing import Any

from django.http import HttpRequest
from ninja import Field, File, Form, Router, Schema, Status
from ninja.files import UploadedFile

from benchmarks.portraits import portrait, portraits
from benchmarks.workloads import OWN
from fleet.api.auth import needs
from fleet.api.errors import Problem
from fleet.models import UploadedWorkload
from fleet.workloads import InUse, as_workload, present, remove, take_in

router = Router(tags=["workloads"])


class UploadQuestion(Schema, extra="forbid"):
    """What a network is called, and how large its input is."""

    name: str = Field(description="What runs will call it: 3 to 48 of a-z 0-9 _ . -")
    input_shape: str = Field("", description="3,224,224 where the file leaves it open.")


@router.get("/workloads", summary="The workloads that runs may name")
@needs("runs:read")
def workloads(request: HttpRequest) -> dict[str, Any]:
    """List the catalog, then what users uploaded; one of them by its name has its cuts, too."""
    own = [{**one.as_dict(), "cuts": len(one.cuts)} for one in portraits()]
    rows = present().select_related("created_by")
    return {"items": [*own, *(upload_document(row) for row in rows)], "next": None}


@router.post("/workloads", response={200: Any, 201: Any}, summary="Upload a network")
@needs("workloads:write")
def create(
    request: HttpRequest,
    question: Form[UploadQuestion],
    param: File[UploadedFile | None] = None,
    bin: File[UploadedFile | None] = None,
    onnx: File[UploadedFile | None] = None,
) -> Status[Any]:
    """Check ncnn's `param` and `bin`, or convert `onnx`, and store it; 422 names the way out.

    The same content under the same name again is answered with 200; other content is refused.
    """
    given = {"param": param, "bin": bin, "onnx": onnx}
    files = {kind: file.read() for kind, file in given.items() if file is not None}
    row, is_new = take_in(question.name, files, question.input_shape, request.user)  # type: ignore[arg-type]
    return Status(201 if is_new else 200, upload_document(row))


@router.get("/workloads/{name}", summary="One workload")
@needs("runs:read")
def workload(request: HttpRequest, name: str) -> dict[str, Any]:
    """Show a workload; one of ours with its classes of layers, cuts and published accuracy."""
    if name in OWN:
        return dict(portrait(name).as_dict())
    return upload_document(_find(name))


@router.delete("/workloads/{name}", response={200: Any}, summary="Remove an uploaded network")
@needs("workloads:write")
def removal(request: HttpRequest, name: str) -> dict[str, Any]:
    """Remove an upload; what stored runs name stays readable for them."""
    if name in OWN:
        raise Problem(409, "not_an_upload", f"{name} is one of Simmer's own workloads")
    try:
        return {"name": name, "removed": remove(_find(name))}
    except InUse as error:
        raise Problem(409, "in_use", str(error)) from None


def upload_document(row: UploadedWorkload) -> dict[str, Any]:
    """Return everything that is known of an uploaded network."""
    return {
        "name": row.name,
        "summary": as_workload(row).summary,
        "source": row.source,
        "note": row.note,
        "input": row.shape,
        "layers": row.layers,
        "macs": row.macs,
        "param": {"bytes": row.param_bytes, "sha256": row.param_sha256},
        "bin": {"bytes": row.bin_bytes, "sha256": row.bin_sha256},
        "source_sha256": row.source_sha256,
        "created_by": str(row.created_by) if row.created_by else None,
        "created_at": row.created_at,
    }


def _find(name: str) -> UploadedWorkload:
    row = present().select_related("created_by").filter(name=name).first()
    if row is None:
        message = f"there is no workload {name!r}"
        raise Problem(404, "unknown_workload", message, hint="GET /api/v1/workloads")
    return row
