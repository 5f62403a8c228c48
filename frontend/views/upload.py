"""Uploading networks: a form, what is here already, and taking one away."""

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from benchmarks.onnx import executable
from benchmarks.uploads.checked import UploadError
from fleet.models import UploadedWorkload
from fleet.workloads import InUse, present, remove, take_in

KINDS = ("param", "bin", "onnx")
_FIELDS = {"param": "files", "bin": "files", "onnx": "files"}  # of a refusal: where it is shown


@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Show the form and the uploads, or take a network in and offer a run of it."""
    if request.method == "GET":
        return _page(request, {}, {})
    name = request.POST.get("name", "").strip()
    shape = request.POST.get("input_shape", "")
    try:
        files = _files(request.FILES.getlist("files"))
        row, is_new = take_in(name, files, shape, request.user)  # type: ignore[arg-type]
    except UploadError as error:
        errors = {_FIELDS.get(error.field, error.field): f"{error}"}
        return _page(request, {"name": name, "input_shape": shape}, errors)
    said = "is stored" if is_new else "was here already, the same byte for byte"
    note = f" Note: {row.note}." if row.note else ""
    messages.success(request, f"{row.name} {said}: runs may name it now.{note}")
    return redirect("upload")


@require_POST
def removal(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a network away, unless a run still waits for it."""
    row = get_object_or_404(UploadedWorkload, pk=pk)
    try:
        became = remove(row)
    except InUse as error:
        messages.error(request, f"{error}.")
    else:
        kept = "; its files stay for the runs that named it" if became != "gone" else ""
        messages.success(request, f"{row.name} is removed{kept}.")
    return redirect("upload")


def _files(chosen: Sequence[Any]) -> Mapping[str, bytes]:
    """Return what was chosen, by the end of each name."""
    files: dict[str, bytes] = {}
    for file in chosen:
        kind = PurePath(file.name or "").suffix.lower().lstrip(".")
        if kind not in KINDS:
            raise UploadError(f"the file {file.name} ends not in .param, .bin or .onnx", "files")
        if kind in files:
            raise UploadError(f"two files end in .{kind}: upload one network at a time", "files")
        files[kind] = file.read()
    return files


def _page(
    request: HttpRequest, typed: Mapping[str, str], errors: Mapping[str, str]
) -> HttpResponse:
    context: dict[str, Any] = {
        "page": "benchmarks",
        "typed": typed,
        "errors": errors,
        "uploads": present().select_related("created_by"),
        "converter": _converter(),
        "curl": _curl(f"{request.scheme}://{request.get_host()}"),
        "command": "python -m benchmarks run thermal_soak \\\n"
        "  --param workload=path/to/my-net.param \\\n  --serial SERIAL",
    }
    status = 422 if errors else 200
    return render(request, "frontend/pages/upload.html", context, status=status)


def _converter() -> str:
    """Return why ONNX files cannot be taken now; empty if they can."""
    try:
        executable.find()
    except executable.NotFetched as why:
        return str(why)
    return ""


def _curl(origin: str) -> str:
    return (
        f"curl {origin}/api/v1/workloads \\\n"
        '  -H "Authorization: Bearer $SIMMER_TOKEN" \\\n'
        "  -F name=my-net \\\n  -F param=@my-net.param \\\n  -F bin=@my-net.bin"
    )
