"""The Content-Security-Policy header: what a page of ours may load, run and talk to."""

from collections.abc import Callable, Mapping, Sequence

from django.conf import settings
from django.http import HttpRequest, HttpResponse

HEADER = "Content-Security-Policy"

#: The shape of Django 6's `SECURE_CSP`, so that moving there is a deletion.
#: Plotly writes style elements and attributes, hence `unsafe-inline` for styles alone.
#: No `wss:` in connect-src: it would allow every host, and 'self' covers our own.
POLICY: Mapping[str, Sequence[str]] = {
    "default-src": ["'self'"],
    "script-src": ["'self'"],
    "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:", "blob:"],
    "connect-src": ["'self'"],
    "font-src": ["'self'"],
    "frame-ancestors": ["'none'"],
    "object-src": ["'none'"],
    "base-uri": ["'self'"],
    "form-action": ["'self'"],
}


def header_value(policy: Mapping[str, Sequence[str]]) -> str:
    """Return the policy as one header line."""
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in policy.items())


class ContentPolicyMiddleware:
    """Puts the policy on every answer that does not carry one already."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response
        self._value = header_value(getattr(settings, "SECURE_CSP", POLICY))

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, with the header."""
        response = self._get_response(request)
        response.headers.setdefault(HEADER, self._value)
        return response
