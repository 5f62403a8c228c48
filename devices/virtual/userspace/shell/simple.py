"""Parses simple commands: assignments, words and redirections in any order."""

import re
from abc import abstractmethod

from devices.virtual.userspace.shell.lexer import REDIRECTIONS, Token
from devices.virtual.userspace.shell.syntax import (
    Assignment,
    Command,
    Redirect,
    Simple,
    Word,
)
from devices.virtual.userspace.shell.tokens import TokenReader
from devices.virtual.userspace.shell.words import WordReader

_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(\+?=|\[)")


class SimpleParser(TokenReader):
    """The grammar below compound commands."""

    @abstractmethod
    def _function_body(self, name: str, *, is_ksh: bool) -> Command:
        """Read what a function does, after its name."""

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
        reader = WordReader(token.text, match.end(), self._lexer.nested, self._lexer.depth)
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
