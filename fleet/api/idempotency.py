"""`Idempotency-Key`: the same POST asked twice is carried out once and answered alike."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from ninja.responses import NinjaJSONEncoder

from fleet.api.auth import asker
from fleet.api.errors import Problem
from fleet.models import GivenAnswer


def once(request: HttpRequest, carry_out: Callable[[], tuple[int, Any]]) -> tuple[int, Any]:
    """Carry out a POST, or return what the same key was answered before."""
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        return carry_out()
    question = hashlib.sha256(request.path.encode() + b"\0" + request.body).digest()
    with transaction.atomic():
        row, is_new = GivenAnswer.objects.select_for_update().get_or_create(
            user_id=asker(request),
            key=key[:200],
            defaults={"question": question, "status": 0},
        )
        if not is_new:
            return _repeated(row, question, key)
        row.status, answer = carry_out()
        row.answer = _plain(answer)
        row.save()
    return row.status, row.answer


def _repeated(row: GivenAnswer, question: bytes, key: str) -> tuple[int, Any]:
    if bytes(row.question) != question:
        raise Problem(
            422,
            "idempotency_key_reused",
            f"the key {key!r} was used for another request",
            hint="use a new Idempotency-Key for a new request",
        )
    return row.status, row.answer


def _plain(answer: Any) -> Any:
    return json.loads(json.dumps(answer, cls=NinjaJSONEncoder))
