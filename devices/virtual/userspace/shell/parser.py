"""Parses scripts into commands, with mksh's grammar and mksh's complaints."""

import re
from collections.abc import Callable
from functools import lru_cache

from devices.virtual.userspace.shell.conditions import condition
from devices.virtual.userspace.shell.errors import ShellSyntaxError
from devices.virtual.userspace.shell.lexer import REDIRECTIONS, Lexer, Token
from devices.virtual.userspace.shell.syntax import (
    AndOr,
    ArithmeticCommand,
    Assignment,
    Background,
    Case,
    CaseItem,
    Command,
    For,
    Function,
    Group,
    If,
    Loop,
    Pipeline,
    Redirect,
    Redirected,
    Script,
    Sequence,
    Simple,
    Subshell,
    Test,
    Timed,
    Word,
)
from devices.virtual.userspace.shell.words import MAX_NESTING, WordReader

MAX_SCRIPT = 1 << 20  # [characters], a security limit
_REMEMBERED = 4096  # [characters] longer scripts are parsed each time
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(\+?=|\[)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
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
        raise _too_deep()
    parser = _Parser(Lexer(text, at, _nested, depth))
    return parser.substitution()


def _too_deep() -> ShellSyntaxError:
    return ShellSyntaxError(f"syntax error: more than {MAX_NESTING} levels of nesting")


class _Parser:
    """Recursive descent over the tokens of one script."""

    def __init__(self, lexer: Lexer) -> None:
        self._lexer = lexer
        self._open: list[str] = []  # the words that still need their end

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
            return Script(tuple(commands), str(_too_deep()))
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
        compound = _COMPOUNDS.get(token.text)
        if compound is None or token.kind not in ("word", "operator"):
            return self._simple()
        command = compound(self)
        redirects = self._redirects()
        return Redirected(command, redirects) if redirects else command

    # --- compound commands ---------------------------------------------------------------

    def _enclosed(self, opener: str, body: Callable[[], Command], closer: str) -> Command:
        """Parse a body between an opener, already read, and its closer."""
        self._open.append(opener)
        self._check_depth()
        command = body()
        self._expect(closer)
        self._open.pop()
        return command

    def if_command(self) -> Command:
        opener = self._lexer.take().text
        self._open.append(opener)
        self._check_depth()
        condition_ = self._list()
        self._expect("then")
        body = self._some()
        otherwise = self._otherwise()
        self._open.pop()
        return If(condition_, body, otherwise)

    def _otherwise(self) -> Command | None:
        if self._is("word", "elif"):
            return self.if_command()
        if self._is("word", "else"):
            self._lexer.take()
            body = self._some()
            self._expect("fi")
            return body
        self._expect("fi")
        return None

    def _some(self) -> Command:
        """Parse commands where there must be one."""
        self._newlines()
        if self._ends_list():
            raise self._unexpected()
        return self._list()

    def loop_command(self) -> Command:
        word = self._lexer.take().text
        self._open.append(word)
        self._check_depth()
        condition_ = self._list()
        body = self._do_group()
        self._open.pop()
        return Loop(condition_, body, word == "until")

    def _do_group(self) -> Command:
        if self._is("word", "{"):
            self._lexer.take()
            return self._enclosed("{", self._list, "}")
        self._expect("do")
        body = self._list()
        self._expect("done")
        return body

    def for_command(self) -> Command:
        word = self._lexer.take().text
        name = self._lexer.take()
        if name.kind != "word":
            raise self._unexpected(name)
        if not _NAME.match(name.text):
            raise ShellSyntaxError("for: bad identifier")
        self._open.append(word)
        self._check_depth()
        self._newlines()
        words = self._for_words()
        body = self._do_group()
        self._open.pop()
        return For(name.text, words, body)

    def _for_words(self) -> tuple[Word, ...] | None:
        words: tuple[Word, ...] | None = None
        if self._is("word", "in"):
            self._lexer.take()
            words = tuple(self._words())
            if not self._is("operator", ";") and self._lexer.peek().kind != "newline":
                raise self._unexpected()
            self._lexer.take()
        elif self._is("operator", ";"):
            self._lexer.take()
        self._newlines()
        return words

    def _words(self) -> list[Word]:
        words = []
        while (word := self._lexer.peek().word) is not None:
            self._lexer.take()
            words.append(word)
        return words

    def case_command(self) -> Command:
        self._lexer.take()
        subject = self._word()
        self._open.append("case")
        self._check_depth()
        self._newlines()
        closer = "}" if self._is("word", "{") else "esac"
        self._expect("{" if closer == "}" else "in")
        items = []
        self._newlines()
        while not self._is("word", closer):
            items.append(self._case_item(closer))
            self._newlines()
        self._lexer.take()
        self._open.pop()
        return Case(subject, tuple(items))

    def _case_item(self, closer: str) -> CaseItem:
        if self._is("operator", "("):
            self._lexer.take()
        patterns = [self._word()]
        while self._is("operator", "|"):
            self._lexer.take()
            patterns.append(self._word())
        self._expect(")")
        body = self._list()
        ending = ";;"
        if not self._is("word", closer):
            if not self._is("operator", ";;", ";&", ";|"):
                raise self._unexpected()
            ending = self._lexer.take().text
        return CaseItem(tuple(patterns), body, ending)

    def group_command(self) -> Command:
        self._lexer.take()
        return Group(self._enclosed("{", self._list, "}"))

    def parenthesis(self) -> Command:
        expression = self._lexer.arithmetic()
        if expression is not None:
            return ArithmeticCommand(expression)
        self._lexer.take()
        return Subshell(self._enclosed("(", self._list, ")"))

    def test_command(self) -> Command:
        self._lexer.take()
        return Test(condition(self._lexer))

    def ksh_function(self) -> Command:
        self._lexer.take()
        name = self._lexer.take()
        if name.kind != "word":
            raise self._unexpected(name)
        is_ksh = not self._is("operator", "(")
        if not is_ksh:
            self._lexer.take()
            self._expect(")")
        return self._function_body(name.text, is_ksh=is_ksh)

    def _function_body(self, name: str, *, is_ksh: bool) -> Command:
        self._newlines()
        start = self._lexer.at
        if self._lexer.peek().kind == "end" or self._is("operator", ";", "&", ")", "&&", "||"):
            return Function(name, Sequence(()), is_ksh, "")
        body = self._command()
        return Function(name, body, is_ksh, self._lexer.text[start : self._lexer.at])

    # --- simple commands -----------------------------------------------------------------

    def _simple(self) -> Command:
        line = self._lexer.peek().line
        assignments: list[Assignment] = []
        words: list[Word] = []
        redirects: list[Redirect] = []
        name: Token | None = None
        while True:
            token = self._lexer.peek()
            if redirect := self._redirect():
                redirects.append(redirect)
            elif token.word is None:
                break
            elif not words and (assignment := self._assignment(token)):
                assignments.append(assignment)
            else:
                name = name or token
                words.append(token.word)
                self._lexer.take()
        if name and len(words) == 1 and not assignments and self._is("operator", "("):
            return self._posix_function(name)
        if not (words or assignments or redirects):
            raise self._unexpected()
        return Simple(tuple(assignments), tuple(words), tuple(redirects), line)

    def _posix_function(self, name: Token) -> Command:
        self._lexer.take()
        self._expect(")")
        return self._function_body(name.text, is_ksh=False)

    def _assignment(self, token: Token) -> Assignment | None:
        """Take an assignment if `token` is one."""
        match = _ASSIGNMENT.match(token.text)
        if not match or token.word is None:
            return None
        reader = WordReader(token.text, match.end(), _nested, self._lexer.depth)
        index = None
        operator = match[2]
        if operator == "[":
            index = reader.index()
            operator = "+=" if token.text.startswith("+=", reader.at) else "="
            if not token.text.startswith(operator, reader.at):
                return None
            reader.at += len(operator)
        self._lexer.take()
        value: Word | tuple[Word, ...] = reader.word()
        if reader.at == match.end() and index is None and self._lexer.adjoins(token):
            value = self._lexer.array()
        return Assignment(match[1], value, index, operator == "+=")

    def _redirects(self) -> tuple[Redirect, ...]:
        redirects = []
        while redirect := self._redirect():
            redirects.append(redirect)
        return tuple(redirects)

    def _redirect(self) -> Redirect | None:
        token = self._lexer.peek()
        if token.kind == "descriptor":
            descriptor: int | None = int(self._lexer.take().text)
        elif token.kind == "operator" and token.text in REDIRECTIONS:
            descriptor = None
        else:
            return None
        operator = self._lexer.take().text
        if descriptor is None:
            descriptor = 0 if operator.startswith("<") else 1
        target = self._word()
        if operator in ("<<", "<<-"):
            document = self._lexer.await_here_document(target, strips_tabs=operator == "<<-")
            return Redirect(descriptor, operator, document)
        return Redirect(descriptor, operator, target)

    # --- tokens --------------------------------------------------------------------------

    def _word(self) -> Word:
        token = self._lexer.take()
        if token.word is None:
            raise self._unexpected(token)
        return token.word

    def _newlines(self) -> None:
        while self._lexer.peek().kind == "newline":
            self._lexer.take()

    def _is(self, kind: str, *texts: str) -> bool:
        token = self._lexer.peek()
        return token.kind == kind and token.text in texts

    def _expect(self, text: str) -> None:
        token = self._lexer.take()
        if token.text != text or token.kind not in ("word", "operator"):
            raise self._unexpected(token)

    def _unexpected(self, token: Token | None = None) -> ShellSyntaxError:
        token = token or self._lexer.peek()
        if token.kind == "end" and self._open:
            return ShellSyntaxError(f"syntax error: unmatched '{self._open[-1]}'")
        return ShellSyntaxError(f"syntax error: unexpected {token}")

    def _check_depth(self) -> None:
        if self._lexer.depth + len(self._open) > MAX_NESTING:
            raise _too_deep()


_COMPOUNDS: dict[str, Callable[[_Parser], Command]] = {
    "if": _Parser.if_command,
    "while": _Parser.loop_command,
    "until": _Parser.loop_command,
    "for": _Parser.for_command,
    "case": _Parser.case_command,
    "{": _Parser.group_command,
    "(": _Parser.parenthesis,
    "[[": _Parser.test_command,
    "function": _Parser.ksh_function,
}


def _sequence(commands: list[Command]) -> Command:
    return commands[0] if len(commands) == 1 else Sequence(tuple(commands))
