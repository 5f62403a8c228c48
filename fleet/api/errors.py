"""One error shape for the whole API: code, message, field, hint."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import ValidationError as PydanticValidationError

from benchmarks.uploads.checked import UploadError
from fleet.submission import Refused


class Problem(Exception):
    """An answer that is not the one asked for, with the way out."""

    def __init__(
        self, status: int, code: str, message: str, *, field: str = "", hint: str = ""
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.field, self.hint = status, code, field, hint


@contextmanager
def conflict(code: str) -> Iterator[None]:
    """Answer 409 where a story refuses because of the state that something is in."""
    try:
        yield
    except Refused as refused:
        raise Problem(409, code, str(refused), hint=refused.hint) from None


def install(api: NinjaAPI) -> None:
    """Answer every error of `api` in the one shape."""
    api.add_exception_handler(Problem, _problem(api))
    api.add_exception_handler(Refused, _refused(api))
    api.add_exception_handler(UploadError, _upload_refused(api))
    api.add_exception_handler(AuthenticationError, _unauthenticated(api))
    api.add_exception_handler(HttpError, _http(api))
    api.add_exception_handler(Http404, _missing(api))
    api.add_exception_handler(ValidationError, _invalid(api))
    api.add_exception_handler(PydanticValidationError, _invalid_pydantic(api))


def _answer(
    api: NinjaAPI, request: HttpRequest, status: int, code: str, message: str, **rest: str
) -> HttpResponse:
    error = {"code": code, "message": message} | {k: v for k, v in rest.items() if v}
    return api.create_response(request, {"error": error}, status=status)


def _problem(api: NinjaAPI) -> Any:
    def handle(request: HttpRequest, error: Problem) -> HttpResponse:
        return _answer(
            api, request, error.status, error.code, str(error), field=error.field, hint=error.hint
        )

    return handle


def _refused(api: NinjaAPI) -> Any:
    def handle(request: HttpRequest, error: Refused) -> HttpResponse:
        return _answer(api, request, 422, "invalid", str(error), field=error.field, hint=error.hint)

    return handle


def _upload_refused(api: NinjaAPI) -> Any:
    def handle(request: HttpRequest, error: UploadError) -> HttpResponse:
        return _answer(api, request, 422, "invalid", str(error), field=error.field)

    return handle


def _unauthenticated(api: NinjaAPI) -> Any:
    def handle(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        return _answer(
            api,
            request,
            401,
            "unauthenticated",
            "this needs a token or a login",
            hint="send `Authorization: Bearer simmer_…`; `manage.py up` prints one",
        )

    return handle


def _http(api: NinjaAPI) -> Any:
    def handle(request: HttpRequest, error: HttpError) -> HttpResponse:
        return _answer(api, request, error.status_code, "http", str(error))

    return handle


def _missing(api: NinjaAPI) -> Any:
    def handle(request: HttpRequest, error: Http404) -> HttpResponse:
        return _answer(api, request, 404, "not_found", str(error) or "there is nothing here")

    return handle


def _invalid(api: NinjaAPI) -> Any:
    def handle(request: HttpRequest, error: ValidationError) -> HttpResponse:
        return _first(api, request, error.errors)

    return handle


def _invalid_pydantic(api: NinjaAPI) -> Any:
    def handle(request: HttpRequest, error: PydanticValidationError) -> HttpResponse:
        return _first(api, request, error.errors())

    return handle


def _first(api: NinjaAPI, request: HttpRequest, errors: Any) -> HttpResponse:
    first = errors[0]
    place = [
        str(part) for part in first.get("loc", ()) if part not in ("body", "question", "query")
    ]
    field = ".".join(place)
    message = f"{field}: {first.get('msg', 'invalid')}" if field else str(first.get("msg"))
    if "input" in first:
        message += f" (got {str(first['input'])[:80]!r})"
    return _answer(api, request, 422, "invalid", message, field=field)
