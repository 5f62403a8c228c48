"""One's own API tokens: made, listed, revoked; the text is shown once."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema, Status

from fleet.api.auth import asker, needs
from fleet.api.errors import Problem
from fleet.models import Token
from fleet.models.token import SCOPES

router = Router(tags=["tokens"])


class TokenQuestion(Schema, extra="forbid"):
    """What a new token is for."""

    label: str
    scopes: list[str] = Field(list(SCOPES), description="What it may do.")


@router.get("/tokens", summary="Your tokens")
@needs("tokens:self")
def tokens(request: HttpRequest) -> dict[str, Any]:
    """List your tokens without their texts."""
    rows = Token.objects.filter(user_id=asker(request))
    return {"items": [_document(row) for row in rows], "next": None}


@router.post("/tokens", response={201: Any}, summary="Make a token")
@needs("tokens:self")
def create(request: HttpRequest, question: TokenQuestion) -> Status[Any]:
    """Make a token; its text is in this answer and nowhere else."""
    unknown = [scope for scope in question.scopes if scope not in SCOPES]
    if unknown:
        raise Problem(
            422,
            "invalid",
            f"scopes: there is no scope {unknown[0]!r}",
            field="scopes",
            hint=f"known: {', '.join(SCOPES)}",
        )
    held = request.auth.scopes if isinstance(request.auth, Token) else SCOPES  # type: ignore[attr-defined]
    scopes = tuple(scope for scope in question.scopes if scope in held)
    row, text = Token.issue(asker(request), question.label[:100], scopes)
    return Status(201, _document(row) | {"token": text})


@router.delete("/tokens/{token_id}", response={204: None}, summary="Revoke a token")
@needs("tokens:self")
def revoke(request: HttpRequest, token_id: int) -> Status[None]:
    """Revoke one of your tokens at once."""
    changed = Token.objects.filter(pk=token_id, user_id=asker(request), revoked_at=None).update(
        revoked_at=timezone.now()
    )
    if not changed:
        raise Problem(404, "unknown_token", f"you have no usable token {token_id}")
    return Status(204, None)


def _document(row: Token) -> dict[str, Any]:
    return {
        "id": row.pk,
        "label": row.label,
        "prefix": row.prefix,
        "scopes": row.scopes,
        "created_at": row.created_at,
        "expires_at": row.expires_at,
        "used_at": row.used_at,
        "revoked_at": row.revoked_at,
    }
