"""Reads words: quotes, `$…`, backquotes and patterns, wherever a script may hold them."""

import re

from devices.virtual.userspace.shell.braced import SPECIALS, BracedReader
from devices.virtual.userspace.shell.cursor import MAX_NESTING, NAME, append, make_word
from devices.virtual.userspace.shell.errors import ShellSyntaxError
from devices.virtual.userspace.shell.escapes import ansi
from devices.virtual.userspace.shell.syntax import (
    Arithmetic,
    DoubleQuoted,
    Literal,
    Parameter,
    Part,
    Quoted,
    Substitution,
    Word,
)

_META = " \t\n;&|<>()"
_ORDINARY = re.compile(r"[^\s;&|<>()'\"\\$`{}/:@?*+!\]]+")
_ORDINARY_IN_DOUBLE = re.compile(r"[^\"\\$`}/:\]]+")


class WordReader(BracedReader):
    """A cursor over a script's text that reads one word after the other."""

    def word(self) -> Word:
        """Read a word of a command: up to a blank or an operator."""
        return make_word(self._parts(_META))

    def rest(self, *, is_quoted: bool) -> Word:
        """Read everything that is left, as in a here-document or an expression."""
        return make_word(self._parts("", is_quoted=is_quoted, is_here=True))

    def parenthesized_expression(self) -> Word | None:
        """Read `((…))`, or nothing if what stands here is a subshell in a subshell."""
        end = _matching_parentheses(self.text, self.at + 2)
        if end is None:
            return None
        inner = WordReader(self.text[self.at + 2 : end], 0, self._nested, self.depth + 1)
        inner.check_depth()
        self.at = end + 2
        return inner.rest(is_quoted=True)

    def _parts(
        self, stops: str, *, is_quoted: bool = False, is_here: bool = False
    ) -> tuple[Part, ...]:
        """Read parts up to a character of `stops` or the end of the text."""
        parts: list[Part] = []
        text, end = self.text, len(self.text)
        ordinary = _ORDINARY_IN_DOUBLE if is_quoted else _ORDINARY
        while self.at < end and text[self.at] not in stops:
            run = ordinary.match(text, self.at)
            if run:
                self.at = run.end()
                append(parts, run[0], is_quoted=is_quoted)
            else:
                self._special(parts, is_quoted=is_quoted, is_here=is_here)
        return tuple(parts)

    def _special(self, parts: list[Part], *, is_quoted: bool, is_here: bool) -> None:
        char = self.text[self.at]
        if char == "\\":
            self._backslash(parts, is_quoted=is_quoted, is_here=is_here)
        elif char == "$":
            parts.extend(self._dollar(is_quoted=is_quoted))
        elif char == "`":
            parts.append(self._backquoted(is_quoted=is_quoted))
        elif char == '"' and not is_here:
            parts.append(self._double())
        elif char == "'" and not is_quoted:
            parts.append(Quoted(self._single()))
        elif char in "@?*+!" and not is_quoted and self.text.startswith("(", self.at + 1):
            self._extended_pattern(parts)
        else:
            self.at += 1
            append(parts, char, is_quoted=is_quoted)

    def _backslash(self, parts: list[Part], *, is_quoted: bool, is_here: bool) -> None:
        following = self.text[self.at + 1 : self.at + 2]
        self.at += 2
        if following == "\n":
            return
        escapable = "$`\\" if is_here else '$`\\"}'
        if is_quoted and (not following or following not in escapable):
            following = "\\" + following
        append(parts, following or "\\", is_quoted=True)

    def _single(self) -> str:
        end = self.text.find("'", self.at + 1)
        if end < 0:
            raise ShellSyntaxError("no closing quote")
        text = self.text[self.at + 1 : end]
        self.at = end + 1
        return text

    def _double(self) -> Part:
        self._enter(1)
        parts = self._parts('"', is_quoted=True)
        self._leave('"')
        return DoubleQuoted(parts)

    def _extended_pattern(self, parts: list[Part]) -> None:
        """Read `@(a|b)` and the like as one piece of a pattern, with what it nests."""
        append(parts, self.text[self.at] + "(", is_quoted=False)
        self._enter(2)
        while self.text[self.at : self.at + 1] != ")":
            if self.at >= len(self.text):
                raise ShellSyntaxError("no closing quote")
            inner = self._parts("()\n" if self.depth > MAX_NESTING else "()")
            for part in inner:
                if isinstance(part, Literal):
                    append(parts, part.text, is_quoted=False)
                else:
                    parts.append(part)
            if self.text[self.at : self.at + 1] == "(":
                raise ShellSyntaxError("syntax error: unexpected '('")
        self._leave(")")
        append(parts, ")", is_quoted=False)

    def _dollar(self, *, is_quoted: bool) -> tuple[Part, ...]:
        following = self.text[self.at + 1 : self.at + 2]
        if following == "(":
            return (self._parenthesis(),)
        if following == "{":
            return (self._braced(is_quoted=is_quoted),)
        if following == "'" and not is_quoted:
            self.at += 1
            return (Quoted(self._ansi()),)
        if following == '"' and not is_quoted:
            self.at += 1
            return (self._double(),)
        if following and following in SPECIALS:
            self.at += 2
            return (Parameter(following),)
        name = NAME.match(self.text, self.at + 1)
        if name:
            self.at = name.end()
            return (Parameter(name[0]),)
        self.at += 1
        return (Quoted("$") if is_quoted else Literal("$"),)

    def _ansi(self) -> str:
        """Read `$'…'`, which knows the escapes of C."""
        start = self.at + 1
        at = start
        while self.text[at : at + 1] not in ("'", ""):
            at += 2 if self.text[at] == "\\" else 1
        if at >= len(self.text):
            raise ShellSyntaxError("no closing quote")
        self.at = at + 1
        return ansi(self.text[start:at])

    def _parenthesis(self) -> Part:
        if self.text.startswith("((", self.at + 1):
            self.at += 1
            expression = self.parenthesized_expression()
            if expression is not None:
                return Arithmetic(expression)
            self.at -= 1
        body, end = self._nested(self.text, self.at + 2, self.depth + 1)
        self.at = end
        return Substitution(body)

    def _backquoted(self, *, is_quoted: bool) -> Part:
        at = self.at + 1
        pieces = []
        while self.text[at : at + 1] != "`":
            if at >= len(self.text):
                raise ShellSyntaxError("no closing quote")
            escaped = '$`\\"' if is_quoted else "$`\\"
            if self.text[at] == "\\" and self.text[at + 1 : at + 2] in tuple(escaped):
                at += 1
            pieces.append(self.text[at])
            at += 1
        self.at = at + 1
        body, _ = self._nested("".join(pieces) + "\n)", 0, self.depth + 1)
        return Substitution(body)


def _matching_parentheses(text: str, at: int) -> int | None:
    """Return where the `))` that closes an expression stands; None if a `)` stands alone.

    Raises:
        ShellSyntaxError: if neither comes.
    """
    depth = 0
    while at < len(text):
        char = text[at]
        if char == "\\":
            at += 1
        elif char == "(":
            depth += 1
        elif char == ")":
            if depth == 0:
                return at if text.startswith("))", at) else None
            depth -= 1
        at += 1
    raise ShellSyntaxError("no closing quote")
