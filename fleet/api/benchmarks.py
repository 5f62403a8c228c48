"""The catalog: which kinds exist and what each may be asked."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from benchmarks.catalog import CATALOG
from benchmarks.catalog.base import BenchmarkKind
from fleet.api.auth import needs
from fleet.api.errors import Problem

router = Router(tags=["benchmarks"])


@router.get("/benchmarks", summary="The kinds of benchmark")
@needs("runs:read")
def benchmarks(request: HttpRequest) -> dict[str, Any]:
    """List the kinds with the JSON Schema of their parameters."""
    return {"items": [_document(kind) for kind in CATALOG.values()], "next": None}


@router.get("/benchmarks/{kind}", summary="One kind of benchmark")
@needs("runs:read")
def benchmark(request: HttpRequest, kind: str) -> dict[str, Any]:
    """Show one kind with units, bounds and defaults of its parameters."""
    if kind not in CATALOG:
        raise Problem(
            404,
            "unknown_benchmark",
            f"there is no kind {kind!r}",
            hint=f"known: {', '.join(CATALOG)}",
        )
    return _document(CATALOG[kind])


def _document(kind: BenchmarkKind) -> dict[str, Any]:
    return {
        "kind": kind.name,
        "summary": kind.summary,
        "schema": kind.spec_model.model_json_schema(),
    }
