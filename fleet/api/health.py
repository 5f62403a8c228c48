"""Liveness and readiness, open to everybody: supervisors and load balancers ask it."""

from typing import Any

from django.db import connection
from django.http import HttpRequest
from ninja import Router

router = Router(tags=["health"])


@router.get("/health", auth=None, summary="Is the farm's web server able to work?")
def health(request: HttpRequest) -> dict[str, Any]:
    """Answer 200 when the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return {"status": "ok"}
