"""Who asks: a bearer token or a login cookie, and what a token may do."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja.security import APIKeyCookie, HttpBearer

from fleet.api.errors import Problem
from fleet.models import Token
from fleet.models.token import digest_of

P = ParamSpec("P")
T = TypeVar("T")


class BearerToken(HttpBearer):
    """`Authorization: Bearer simmer_…`."""

    def authenticate(self, request: HttpRequest, token: str) -> Token | None:
        """Find the token by its hash; note that it was used, to the minute."""
        row = Token.objects.select_related("user").filter(digest=digest_of(token)).first()
        if row is None or not row.is_usable or not row.user.is_active:
            return None
        now = timezone.now().replace(second=0, microsecond=0)
        if row.used_at != now:
            Token.objects.filter(pk=row.pk).update(used_at=now)
        request.user = row.user
        return row


class LoginCookie(APIKeyCookie):
    """The session of a logged-in browser; a POST needs the CSRF token as well."""

    param_name = settings.SESSION_COOKIE_NAME

    def _get_key(self, request: HttpRequest) -> str | None:
        """Ask for the CSRF token only of somebody who has a session to protect."""
        return super()._get_key(request) if self.param_name in request.COOKIES else None

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        """Return the session's user."""
        return request.user if request.user.is_authenticated else None


AUTH = (BearerToken(), LoginCookie(csrf=True))


def reader(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let a token read what a browser is asked to log in for: the API's own description."""
    after_login = login_required(view)

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        BearerToken()(request)  # a good one says whose it is
        return after_login(request, *args, **kwargs)

    return checked


def needs(scope: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Refuse a token that lacks `scope`; a login has its user's rights."""

    def decorate(view: Callable[P, T]) -> Callable[P, T]:
        @wraps(view)
        def checked(*args: P.args, **kwargs: P.kwargs) -> T:
            request: Any = args[0]
            if isinstance(request.auth, Token) and scope not in request.auth.scopes:
                raise Problem(
                    403,
                    "forbidden",
                    f"this token lacks the scope {scope}",
                    hint=f"it has {', '.join(request.auth.scopes)}; make another with {scope}",
                )
            return view(*args, **kwargs)

        return checked

    return decorate


def asker(request: HttpRequest) -> int:
    """Return the id of the user who asks; every door but health has one."""
    assert request.user.pk is not None
    return int(request.user.pk)
