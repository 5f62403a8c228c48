"""A place in a script's text, from which words are read."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable

from devices.virtual.userspace.shell.errors import ShellSyntaxError
from devices.virtual.userspace.shell.syntax import DoubleQuoted, Literal, Part, Quoted, Script, Word

MAX_NESTING = 200  # a security limit: deeper scripts are refused
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NEEDS_EXPANDING = re.compile(r"[*?\[~({]")

Nested = Callable[[str, int, int], tuple[Script, int]]  # text, at, depth -> script, its end


class Cursor(ABC):
    """Text, a place in it, and how deep that place is nested."""

    def __init__(self, text: str, at: int, nested: Nested, depth: int = 0) -> None:
        self.text = text
        self.at = at
        self.depth = depth
        self._nested = nested

    @abstractmethod
    def _parts(
        self, stops: str, *, is_quoted: bool = False, is_here: bool = False
    ) -> tuple[Part, ...]:
        """Read parts up to a character of `stops` or the end of the text."""

    def _enter(self, width: int) -> None:
        self.at += width
        self.depth += 1
        self.check_depth()

    def _leave(self, closer: str) -> None:
        self._expect(closer)
        self.depth -= 1

    def _expect(self, closer: str) -> None:
        if not self.text.startswith(closer, self.at):
            raise ShellSyntaxError("no closing quote")
        self.at += len(closer)

    def check_depth(self) -> None:
        """Refuse a script that nests too deep."""
        if self.depth > MAX_NESTING:
            raise ShellSyntaxError(f"syntax error: more than {MAX_NESTING} levels of nesting")


def make_word(parts: tuple[Part, ...]) -> Word:
    """Return a word, with its plain text if nothing in it can change."""
    pieces = []
    for part in parts:
        if (isinstance(part, Literal) and not _NEEDS_EXPANDING.search(part.text)) or isinstance(
            part, Quoted
        ):
            pieces.append(part.text)
        else:
            inner = _plain_double(part)
            if inner is None:
                return Word(parts)
            pieces.append(inner)
    return Word(parts, "".join(pieces) if parts else None)


def append(parts: list[Part], text: str, *, is_quoted: bool) -> None:
    """Add text, joined to the part before if that is of the same kind."""
    kind = Quoted if is_quoted else Literal
    if parts and type(parts[-1]) is kind:
        last = parts.pop()
        assert isinstance(last, Quoted | Literal)
        text = last.text + text
    parts.append(kind(text))


def _plain_double(part: Part) -> str | None:
    if not isinstance(part, DoubleQuoted):
        return None
    if not all(isinstance(inner, Quoted) for inner in part.parts):
        return None
    return "".join(inner.text for inner in part.parts if isinstance(inner, Quoted))
