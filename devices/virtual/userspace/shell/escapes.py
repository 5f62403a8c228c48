"""Backslash escapes, which `echo`, `printf` and `$'…'` read a little differently."""

import re
from dataclasses import dataclass

_SIMPLE = {
    "a": "\a",
    "b": "\b",
    "E": "\x1b",
    "e": "\x1b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "\\": "\\",
}
_HEXADECIMAL = r"x[0-9A-Fa-f]{1,2}|u[0-9A-Fa-f]{1,4}|U[0-9A-Fa-f]{1,8}"
_ECHO = re.compile(rf"\\(0[0-7]{{0,3}}|{_HEXADECIMAL}|.)", re.S)
_ANSI = re.compile(rf"\\([0-7]{{1,3}}|{_HEXADECIMAL}|c.|.)", re.S)
_PRINTF = re.compile(rf"\\([0-7]{{1,3}}|{_HEXADECIMAL}|.)", re.S)
_NOT_ECHOED = frozenset("1234567")  # octal needs a zero in front here
_LAST_CODE_POINT = 0x10FFFF
_REPLACEMENT = "\ufffd"


@dataclass(frozen=True, slots=True)
class Unescaped:
    """A text without its escapes; `has_stop` says that `\\c` was in it."""

    text: str
    has_stop: bool = False


def echoed(text: str) -> Unescaped:
    """Return `text` as mksh's echo prints it: `\\c` drops the newline at the end."""
    if "\\" not in text:
        return Unescaped(text)
    has_stop = False

    def replace(match: re.Match[str]) -> str:
        nonlocal has_stop
        has_stop = has_stop or match[1] == "c"
        if match[1] in _NOT_ECHOED:
            return match[0]
        return "" if match[1] == "c" else _character(match[1], match[0])

    plain = _ECHO.sub(replace, text)
    return Unescaped(joined(plain), has_stop)


def ansi(text: str) -> str:
    """Return the text that `$'…'` stands for; an unknown escape is its character."""

    def replace(match: re.Match[str]) -> str:
        escape = match[1]
        if escape[0] == "c" and len(escape) == 2:
            return chr(ord(escape[1]) & 0x1F)
        return _character(escape, escape)

    return joined(_ANSI.sub(replace, text)).partition("\0")[0]


def printed(text: str) -> str:
    """Return a format of `printf` without its escapes: octal needs no leading zero here."""
    return joined(_PRINTF.sub(lambda match: _character(match[1], match[0]), text))


def from_byte(value: int) -> str:
    """Return the text that stands for one raw byte."""
    return bytes([value & 0xFF]).decode("utf-8", "surrogateescape")


def joined(text: str) -> str:
    """Let raw bytes that together are a character become that character."""
    if text.isascii():
        return text
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")


def _character(escape: str, unknown: str) -> str:
    """Return what one escape stands for, without its backslash; `unknown` if it is none."""
    first = escape[0]
    if first in "01234567":
        return from_byte(int(escape, 8))
    if len(escape) > 1 and first == "x":
        return from_byte(int(escape[1:], 16))
    if len(escape) > 1:
        return _code_point(int(escape[1:], 16))
    return _SIMPLE.get(first, unknown)


def _code_point(value: int) -> str:
    is_surrogate = 0xD800 <= value <= 0xDFFF
    return _REPLACEMENT if value > _LAST_CODE_POINT or is_surrogate else chr(value)
