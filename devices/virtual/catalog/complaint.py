"""What is said about a phone file that is not right: the file, the key, the value, the way out."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

_MOST = 5  # one mistake often causes many complaints
_HELP = "Each block and its units: devices/virtual/kernel/spec.py; a neighbor's file is a pattern."


class BrokenPhone(ValueError):
    """A phone file that cannot be used; the message names file, key and way out."""


def complaint(file: Path, facts: Mapping[str, object], error: ValidationError) -> str:
    """Return one line per mistake in a file, at most a handful, and where to look things up."""
    found = error.errors(include_url=False, include_context=False)
    lines = [f"{file}: {_line(facts, one)}" for one in found[:_MOST]]
    if len(found) > _MOST:
        lines.append(f"{file}: and {len(found) - _MOST} more")
    return "\n".join([*lines, _HELP])


def _line(facts: Mapping[str, object], one: ErrorDetails) -> str:
    key = _key(facts, one["loc"])
    match one["type"]:
        case "missing":
            return f"{key} is missing: add it"
        case "extra_forbidden":
            return f"{key} is no key of this block: correct or remove it"
        case "value_error":
            return f"{key}: {one['msg'].removeprefix('Value error, ')}".removeprefix(": ")
        case _:
            return f"{key} = {one['input']!r}: {one['msg'][0].lower()}{one['msg'][1:]}"


def _key(facts: Mapping[str, object], location: tuple[int | str, ...]) -> str:
    """Return a place as one would look for it: clusters[1] (big).opps[3]."""
    text = ""
    here: object = facts
    for part in location:
        if isinstance(part, int):
            here = here[part] if isinstance(here, list) and part < len(here) else None
            text += f"[{part}]{_nickname(here)}"
        else:
            here = here.get(part) if isinstance(here, Mapping) else None
            text += f".{part}" if text else part
    return text


def _nickname(block: object) -> str:
    if not isinstance(block, Mapping):
        return ""
    nickname = block.get("name") or block.get("type")
    return f" ({nickname})" if isinstance(nickname, str) else ""
