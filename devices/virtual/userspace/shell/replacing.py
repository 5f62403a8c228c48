"""What `${name#…}`, `${name/…}`, `${name:…}` and `${name@Q}` make of a value."""

import re

from devices.virtual.userspace.shell.patterns import Pattern

_HARMLESS = re.compile(r"[A-Za-z0-9_./:,@%^+!\x80-\U0010ffff-]+\Z")


def removed_prefix(text: str, pattern: Pattern, *, is_longest: bool) -> str:
    """Cut the shortest or longest prefix that fits."""
    lengths = pattern.prefixes(text)
    if not lengths:
        return text
    return text[max(lengths) if is_longest else min(lengths) :]


def removed_suffix(text: str, pattern: Pattern, *, is_longest: bool) -> str:
    """Cut the shortest or longest suffix that fits."""
    lengths = pattern.suffixes(text)
    if not lengths:
        return text
    return text[: len(text) - (max(lengths) if is_longest else min(lengths))]


def replaced(text: str, pattern: Pattern, replacement: str, anchor: str) -> str:
    """Replace the first match, all with `/`, a prefix with `#`, a suffix with `%`."""
    if anchor == "#":
        lengths = pattern.prefixes(text)
        return replacement + text[max(lengths) :] if lengths else text
    if anchor == "%":
        lengths = pattern.suffixes(text)
        return text[: len(text) - max(lengths)] + replacement if lengths else text
    return _replaced_anywhere(text, pattern, replacement, replaces_all=anchor == "/")


def _replaced_anywhere(text: str, pattern: Pattern, replacement: str, *, replaces_all: bool) -> str:
    pieces = []
    done = 0
    for start, end in pattern.spans(text):
        pieces.append(text[done:start] + replacement)
        done = end
        if not replaces_all:
            break
    return "".join(pieces) + text[done:]


def sliced(text: str, offset: int, length: int | None) -> str:
    """Return `length` characters from `offset` on; a negative offset counts from the end."""
    if offset < 0:
        offset = max(0, len(text) + offset)
    if length is None or length < 0:
        return text[offset:]
    return text[offset : offset + length]


def shell_quoted(text: str) -> str:
    """Return a word that the shell reads as `text`."""
    if _HARMLESS.match(text):
        return text
    if any(char < " " or char == "\x7f" for char in text):
        return "$'" + "".join(_ansi_quoted(char) for char in text) + "'"
    if not text:
        return "''"
    return "\\'".join(f"'{piece}'" if piece else "" for piece in text.split("'"))


def _ansi_quoted(char: str) -> str:
    names = {"\n": "\\n", "\t": "\\t", "\r": "\\r", "\\": "\\\\", "'": "\\'", "\x1b": "\\E"}
    if char in names:
        return names[char]
    return f"\\{ord(char):03o}" if char < " " or char == "\x7f" else char
