"""Parses scripts into commands, with mksh's grammar and mksh's complaints."""

from functools import lru_cache

from devices.virtual.userspace.shell.compound import COMPOUNDS, CompoundParser
from devices.virtual.userspace.shell.cursor import MAX_NESTING
from devices.virtual.userspace.shell.errors import ShellSyntaxError
from devices.virtual.userspace.shell.lexer import Lexer
from devices.virtual.userspace.shell.syntax import (
    AndOr,
    Background,
    Command,
    Pipeline,
    Redirected,
    Script,
    Sequence,
    Timed,
)
from devices.virtual.userspace.shell.tokens import too_deep

MAX_SCRIPT = 1 << 20  # [characters], a security limit
_REMEMBERED = 4096  # [characters] longer scripts are parsed each time
_CLOSERS = frozenset(("then", "else", "elif", "fi", "do", "done", "esac", "}"))


def parse(text: str) -> Script:
    """Return the commands of a script; what stands behind a syntax error is not looked at."""
    if len(text) > MAX_SCRIPT:
        return Script((), f"script of {len(text)} characters, limit is {MAX_SCRIPT}")
    return _parse_remembered(text) if len(text) <= _REMEMBERED else _parse(text)


def _parse(text: str) -> Script:
    return _Parser(Lexer(text, 0, _nested, 0)).script()


_parse_remembered = lru_cache(maxsize=512)(_parse)


def _nested(text: str, at: int, depth: int) -> tuple[Script, int]:
    """Parse the inside of `$(…)` from `at` on; return it and where its `)` ends."""
    if depth > MAX_NESTING:
        raise too_deep()
    parser = _Parser(Lexer(text, at, _nested, depth))
    return parser.substitution()


class _Parser(CompoundParser):
    """Recursive descent over the tokens of one script: lists, chains and pipelines."""

    def script(self) -> Script:
        """Parse line by line, up to the end or to the first error."""
        commands: list[Command] = []
        try:
            self._newlines()
            while self._lexer.peek().kind != "end":
                commands.append(self._line())
                self._newlines()
            self._lexer.check_here_documents()
        except ShellSyntaxError as error:
            return Script(tuple(commands), str(error))
        except RecursionError:
            return Script(tuple(commands), str(too_deep()))
        return Script(tuple(commands))

    def substitution(self) -> tuple[Script, int]:
        """Parse up to the `)` that ends a command substitution."""
        body = self._enclosed("(", self._list, ")")
        return Script((body,)), self._lexer.at

    def _line(self) -> Command:
        """Parse commands up to the end of the line."""
        start = self._lexer.at
        commands = [self._and_or()]
        while self._is("operator", ";", "&"):
            commands[-1] = self._separated(commands[-1], start)
            if self._lexer.peek().kind in ("newline", "end"):
                break
            start = self._lexer.at
            commands.append(self._and_or())
        if self._lexer.peek().kind not in ("newline", "end"):
            raise self._unexpected()
        return _sequence(commands)

    def _list(self) -> Command:
        """Parse commands up to a word or operator that cannot start one; there may be none."""
        commands: list[Command] = []
        self._newlines()
        while not self._ends_list():
            start = self._lexer.at
            commands.append(self._and_or())
            if self._is("operator", ";", "&"):
                commands[-1] = self._separated(commands[-1], start)
            elif self._lexer.peek().kind != "newline":
                break
            self._newlines()
        return _sequence(commands)

    def _ends_list(self) -> bool:
        token = self._lexer.peek()
        if token.kind == "operator":
            return token.text in (")", ";;", ";&", ";|")
        return token.kind == "end" or (token.kind == "word" and token.text in _CLOSERS)

    def _separated(self, command: Command, start: int) -> Command:
        end = self._lexer.at
        if self._lexer.take().text == ";":
            return command
        return Background(command, self._lexer.text[start:end].strip())

    def _and_or(self) -> Command:
        left = self._pipeline()
        while self._is("operator", "&&", "||"):
            operator = self._lexer.take().text
            self._newlines()
            left = AndOr(left, operator, self._pipeline())
        return left

    def _pipeline(self) -> Command:
        if self._is("word", "!"):
            self._lexer.take()
            return Pipeline((self._pipeline(),), is_negated=True)
        if self._is("word", "time"):
            return self._timed()
        stages = [self._command()]
        while self._is("operator", "|"):
            self._lexer.take()
            self._newlines()
            stages.append(self._command())
        return stages[0] if len(stages) == 1 else Pipeline(tuple(stages))

    def _timed(self) -> Command:
        self._lexer.take()
        is_posix = self._is("word", "-p")
        if is_posix:
            self._lexer.take()
        has_body = not self._ends_list() and not self._is("operator", ";", "&", "|", "&&", "||")
        has_body = has_body and self._lexer.peek().kind != "newline"
        return Timed(self._pipeline() if has_body else None, is_posix)

    def _command(self) -> Command:
        token = self._lexer.peek()
        if token.kind == "word" and token.text in _CLOSERS:
            raise self._unexpected()
        compound = COMPOUNDS.get(token.text)
        if compound is None or token.kind not in ("word", "operator"):
            return self._simple()
        command = compound(self)
        redirects = self._redirects()
        return Redirected(command, redirects) if redirects else command


def _sequence(commands: list[Command]) -> Command:
    return commands[0] if len(commands) == 1 else Sequence(tuple(commands))
