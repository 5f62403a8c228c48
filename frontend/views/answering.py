"""What a page says after something was asked for: what came of it, or why not."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest

from fleet.submission import Refused


def say(request: HttpRequest, act: Callable[[], str]) -> None:
    """Do something and say what came of it, or why it was refused."""
    try:
        messages.success(request, act())
    except Refused as refused:
        messages.error(request, str(refused))
