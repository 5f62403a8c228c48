"""`a{b,c}d`: one field becomes several; unlike elsewhere, `{1..3}` stays as it is."""

from itertools import pairwise

from devices.virtual.userspace.shell.errors import ShellError
from devices.virtual.userspace.shell.fields import Field

MAX_ALTERNATIVES = 10_000  # a security limit
_Characters = list[tuple[str, bool]]


def expand_braces(field: Field) -> list[Field]:
    """Return the field once per alternative, in order."""
    if not any("{" in text for text, is_quoted in field if not is_quoted):
        return [field]
    characters = [(char, is_quoted) for text, is_quoted in field for char in text]
    alternatives = _expand(characters)
    if len(alternatives) == 1:
        return [field]
    return [list(alternative) for alternative in alternatives]


def _expand(characters: _Characters) -> list[_Characters]:
    found = _first_braces(characters)
    if found is None:
        return [characters]
    start, commas, end = found
    edges = [start, *commas, end]
    middles: list[_Characters] = []
    for left, right in pairwise(edges):
        middles.extend(_expand(characters[left + 1 : right]))
    tails = _expand(characters[end + 1 :])
    if len(middles) * len(tails) > MAX_ALTERNATIVES:
        raise ShellError(f"more than {MAX_ALTERNATIVES} words from braces")
    head = characters[:start]
    return [head + middle + tail for middle in middles for tail in tails]


def _first_braces(characters: _Characters) -> tuple[int, list[int], int] | None:
    """Find the first `{` with a comma and a `}` of its own."""
    for start, char in enumerate(characters):
        if char == ("{", False):
            found = _commas(characters, start)
            if found is not None:
                return (start, *found)
    return None


def _commas(characters: _Characters, start: int) -> tuple[list[int], int] | None:
    depth = 0
    commas: list[int] = []
    for at in range(start + 1, len(characters)):
        char = characters[at]
        if char == ("{", False):
            depth += 1
        elif char == ("}", False):
            if depth == 0:
                return (commas, at) if commas else None
            depth -= 1
        elif char == (",", False) and depth == 0:
            commas.append(at)
    return None
