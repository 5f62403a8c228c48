"""Sentences about a name that does not exist: what was meant, and what there is."""

from collections.abc import Iterable
from difflib import get_close_matches


class UnknownName(ValueError):
    """A name that nobody answers to."""


def unknown(what: str, name: str, known: Iterable[str]) -> UnknownName:
    """Return the error for `name`: "no benchmark 'x'. Did you mean …? There is …"."""
    names = sorted(known)
    close = get_close_matches(name, names, n=1)
    guess = f" Did you mean {close[0]!r}?" if close else ""
    return UnknownName(f"There is no {what} {name!r}.{guess} There is: {', '.join(names)}.")
