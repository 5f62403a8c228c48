"""Pages by key: `?after=ID&limit=N`, answered with `next`."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)
MAX_LIMIT = 200


def page(
    rows: QuerySet[M],
    after: int | None,
    limit: int,
    document: Callable[[M], dict[str, Any]],
    *,
    newest_first: bool = False,
) -> dict[str, Any]:
    """Return one page of documents and the key of the next page, or null at the end."""
    limit = max(1, min(limit, MAX_LIMIT))
    if after is not None:
        rows = rows.filter(pk__lt=after) if newest_first else rows.filter(pk__gt=after)
    found = list(rows.order_by("-pk" if newest_first else "pk")[: limit + 1])
    more = len(found) > limit
    return {
        "items": [document(row) for row in found[:limit]],
        "next": found[limit - 1].pk if more else None,
    }
