"""`~`, `~/…` and `~name`, at the start of a word and behind `:` in an assignment."""

import re
from collections.abc import Callable

from devices.virtual.userspace.shell.syntax import Literal, Part, Quoted

HomeOf = Callable[[str], str | None]  # "" is one's own, "+" $PWD, "-" $OLDPWD, or a user
_TILDE = re.compile(r"~([^/:]*)")


def expand_tildes(
    parts: tuple[Part, ...], home_of: HomeOf, *, is_assigned: bool
) -> tuple[Part, ...]:
    """Return the parts with leading tildes replaced by quoted directories."""
    first, *others = parts
    if not isinstance(first, Literal):
        return parts
    expanded: list[Part] = []
    pieces = first.text.split(":") if is_assigned else [first.text]
    for number, piece in enumerate(pieces):
        if number:
            expanded.append(Literal(":"))
        is_cut = number == len(pieces) - 1 and bool(others) and "/" not in piece
        expanded.extend(_expanded(piece, home_of) if not is_cut else (Literal(piece),))
    return (*expanded, *others)


def _expanded(text: str, home_of: HomeOf) -> tuple[Part, ...]:
    match = _TILDE.match(text)
    home = home_of(match[1]) if match else None
    if match is None or home is None:
        return (Literal(text),)
    return (Quoted(home), Literal(text[match.end() :]))
