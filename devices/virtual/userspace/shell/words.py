"""Reads words: quotes, `$…`, backquotes and patterns, wherever a script may hold them."""

import re
from collections.abc import Callable

from devices.virtual.userspace.shell.errors import ShellSyntaxError
from devices.virtual.userspace.shell.escapes import ansi
from devices.virtual.userspace.shell.syntax import (
    Arithmetic,
    DoubleQuoted,
    Literal,
    Parameter,
    Part,
    Quoted,
    Script,
    Substitution,
    Word,
)

MAX_NESTING = 200  # a security limit: deeper scripts are refused
BLANKS = " \t"
META = " \t\n;&|<>()"
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SPECIALS = "?#$!-@*0123456789"
_ORDINARY = re.compile(r"[^\s;&|<>()'\"\\$`{}/:@?*+!\]]+")
_ORDINARY_IN_DOUBLE = re.compile(r"[^\"\\$`}/:\]]+")
_NEEDS_EXPANDING = re.compile(r"[*?\[~({]")
_PATTERN_OPERATORS = ("##", "#", "%%", "%")
_NOT_FOR_LISTS = ("#", "%", "/")
_AFTER_COUNT = ":-=+?%#"
_VALUE_OPERATORS = (":-", ":=", ":+", ":?", "-", "=", "+", "?")

Nested = Callable[[str, int, int], tuple[Script, int]]  # text, at, depth -> script, its end


class WordReader:
    """A cursor over a script's text that reads one word after the other."""

    def __init__(self, text: str, at: int, nested: Nested, depth: int = 0) -> None:
        self.text = text
        self.at = at
        self.depth = depth
        self._nested = nested

    def word(self) -> Word:
        """Read a word of a command: up to a blank or an operator."""
        return make_word(self._parts(META))

    def rest(self, *, is_quoted: bool) -> Word:
        """Read everything that is left, as in a here-document or an expression."""
        return make_word(self._parts("", is_quoted=is_quoted, is_here=True))

    def parenthesized_expression(self) -> Word | None:
        """Read `((…))`, or nothing if what stands here is a subshell in a subshell."""
        end = _matching_parentheses(self.text, self.at + 2)
        if end is None:
            return None
        inner = WordReader(self.text[self.at + 2 : end], 0, self._nested, self.depth + 1)
        inner._check_depth()
        self.at = end + 2
        return inner.rest(is_quoted=True)

    def index(self) -> Word:
        """Read an array's index behind its `[`."""
        index = make_word(self._parts("]", is_quoted=True))
        self._expect("]")
        return index

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
                _append(parts, run[0], is_quoted=is_quoted)
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
            _append(parts, char, is_quoted=is_quoted)

    def _backslash(self, parts: list[Part], *, is_quoted: bool, is_here: bool) -> None:
        following = self.text[self.at + 1 : self.at + 2]
        self.at += 2
        if following == "\n":
            return
        escapable = "$`\\" if is_here else '$`\\"}'
        if is_quoted and (not following or following not in escapable):
            following = "\\" + following
        _append(parts, following or "\\", is_quoted=True)

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
        _append(parts, self.text[self.at] + "(", is_quoted=False)
        self._enter(2)
        while self.text[self.at : self.at + 1] != ")":
            if self.at >= len(self.text):
                raise ShellSyntaxError("no closing quote")
            inner = self._parts("()\n" if self.depth > MAX_NESTING else "()")
            for part in inner:
                if isinstance(part, Literal):
                    _append(parts, part.text, is_quoted=False)
                else:
                    parts.append(part)
            if self.text[self.at : self.at + 1] == "(":
                raise ShellSyntaxError("syntax error: unexpected '('")
        self._leave(")")
        _append(parts, ")", is_quoted=False)

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
        if following and following in _SPECIALS:
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

    def _braced(self, *, is_quoted: bool) -> Part:
        self._enter(2)
        text = self.text
        if text[self.at : self.at + 1] == "#" and text[self.at + 1 : self.at + 2] not in ("}", ""):
            part = self._length()
        else:
            part = self._named(is_quoted=is_quoted)
        self._leave("}")
        return part

    def _named(self, *, is_quoted: bool) -> Part:
        start = self.at
        name = self._name()
        index = self._index()
        part = self._operation(name, index, is_quoted=is_quoted) if name else None
        is_list = name in ("@", "*") or (index is not None and index.plain in ("@", "*"))
        if part is not None and not (is_list and part.operator[:1] in _NOT_FOR_LISTS):
            return part
        # mksh complains only when it comes to expand this.
        self.at = start
        self._parts("}", is_quoted=is_quoted)
        return Parameter(self.text[start : self.at], "bad")

    def _length(self) -> Part:
        start = self.at
        self.at += 1
        has_more = self.text[self.at + 1 : self.at + 2] != "}"
        if self.text[self.at] in _AFTER_COUNT and has_more:
            self.at = start  # `${#-x}` is `$#` with an operator
            return self._named(is_quoted=False)
        name = self._name()
        index = self._index()
        if name and self.text.startswith("}", self.at):
            return Parameter(name, "length", index=index)
        self.at = start
        self._parts("}")
        return Parameter(self.text[start : self.at], "bad")

    def _name(self) -> str:
        char = self.text[self.at : self.at + 1]
        match = NAME.match(self.text, self.at)
        if match:
            self.at = match.end()
            return match[0]
        if char.isdigit() and char.isascii():
            start = self.at
            while self.text[self.at : self.at + 1] in tuple("0123456789"):
                self.at += 1
            return self.text[start : self.at]
        if char and char in _SPECIALS:
            self.at += 1
            return char
        return ""

    def _index(self) -> Word | None:
        if self.text[self.at : self.at + 1] != "[":
            return None
        self.at += 1
        return self.index()

    def _operation(self, name: str, index: Word | None, *, is_quoted: bool) -> Parameter | None:
        """Read what stands behind a name; None if it is no operator."""
        text, at = self.text, self.at
        if text.startswith("}", at) or at >= len(text):
            return Parameter(name, index=index)
        if operator := _starting(text, at, _VALUE_OPERATORS):
            self.at += len(operator)
            return Parameter(name, operator, self._operand("}", is_quoted), index=index)
        if operator := _starting(text, at, _PATTERN_OPERATORS):
            self.at += len(operator)
            return Parameter(name, operator, self._operand("}", False), index=index)
        if text[at] == "/":
            return self._replacement(name, index)
        if text[at] == ":":
            return self._slice(name, index)
        if text.startswith("@Q}", at):
            self.at += 2
            return Parameter(name, "@Q", index=index)
        return None

    def _operand(self, stops: str, is_quoted: bool) -> Word:
        return make_word(self._parts(stops, is_quoted=is_quoted))

    def _replacement(self, name: str, index: Word | None) -> Parameter:
        self.at += 1
        operator = "/"
        if self.text[self.at : self.at + 1] in ("/", "#", "%"):
            operator += self.text[self.at]
            self.at += 1
        pattern = self._operand("/}", False)
        replacement = None
        if self.text.startswith("/", self.at):
            self.at += 1
            replacement = self._operand("}", False)
        return Parameter(name, operator, pattern, replacement, index)

    def _slice(self, name: str, index: Word | None) -> Parameter:
        self.at += 1
        offset = self._operand(":}", True)
        length = None
        if self.text.startswith(":", self.at):
            self.at += 1
            length = self._operand("}", True)
        return Parameter(name, ":", offset, length, index)

    def _enter(self, width: int) -> None:
        self.at += width
        self.depth += 1
        self._check_depth()

    def _leave(self, closer: str) -> None:
        self._expect(closer)
        self.depth -= 1

    def _expect(self, closer: str) -> None:
        if not self.text.startswith(closer, self.at):
            raise ShellSyntaxError("no closing quote")
        self.at += len(closer)

    def _check_depth(self) -> None:
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


def _plain_double(part: Part) -> str | None:
    if not isinstance(part, DoubleQuoted):
        return None
    if not all(isinstance(inner, Quoted) for inner in part.parts):
        return None
    return "".join(inner.text for inner in part.parts if isinstance(inner, Quoted))


def _append(parts: list[Part], text: str, *, is_quoted: bool) -> None:
    """Add text, joined to the part before if that is of the same kind."""
    kind = Quoted if is_quoted else Literal
    if parts and type(parts[-1]) is kind:
        last = parts.pop()
        assert isinstance(last, Quoted | Literal)
        text = last.text + text
    parts.append(kind(text))


def _starting(text: str, at: int, choices: tuple[str, ...]) -> str:
    return next((choice for choice in choices if text.startswith(choice, at)), "")
