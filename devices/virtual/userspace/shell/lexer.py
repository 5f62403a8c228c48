"""Cuts a script into tokens: words, operators, newlines; here-documents are read on the way."""

import re
from dataclasses import dataclass

from devices.virtual.userspace.shell.cursor import Nested, make_word
from devices.virtual.userspace.shell.errors import ShellSyntaxError
from devices.virtual.userspace.shell.syntax import (
    DoubleQuoted,
    HereDocument,
    Literal,
    Quoted,
    Word,
)
from devices.virtual.userspace.shell.words import WordReader

_OPERATOR = re.compile(r"&>>|<<<|<<-|&&|\|\||;;|;&|;\||\|&|&>|<<|>>|<&|>&|<>|>\||[;&|<>()]")
REDIRECTIONS = frozenset(("<", ">", ">>", ">|", "<>", "<&", ">&", "<<", "<<-", "<<<", "&>", "&>>"))
_BLANK = re.compile(r"(?:[ \t]|\\\n)*(?:#[^\n]*)?")
_DESCRIPTOR = re.compile(r"[0-9](?=[<>])")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a script: kind is word, operator, descriptor, newline or end."""

    kind: str
    text: str
    end: int  # where the text goes on
    word: Word | None = None
    line: int = 1

    def __str__(self) -> str:
        """As a syntax error names it."""
        names = {"newline": "'newline'", "end": "EOF"}
        return names.get(self.kind, f"'{self.text}'")


class Lexer:
    """Tokens of `text` from `at` on, one looked at ahead."""

    def __init__(self, text: str, at: int, nested: Nested, depth: int) -> None:
        self.text = text
        self.at = at
        self.depth = depth
        self.line = 1
        self.nested = nested
        self._peeked: Token | None = None
        self._awaited: list[HereDocument] = []

    def peek(self) -> Token:
        """Return the next token and leave it there."""
        if self._peeked is None:
            self._peeked = self._scan()
        return self._peeked

    def take(self) -> Token:
        """Return the next token and go past it."""
        token = self.peek()
        self._peeked = None
        self.at = token.end
        if token.kind == "newline":
            self.line += 1
            self._read_here_documents()
        return token

    def await_here_document(self, delimiter: Word, *, strips_tabs: bool) -> HereDocument:
        """Note that a body follows after this line."""
        text, is_literal = _unquoted(delimiter)
        document = HereDocument(text, is_literal, strips_tabs)
        self._awaited.append(document)
        return document

    def check_here_documents(self) -> None:
        """Complain about a here-document whose line was the last one."""
        if self._awaited:
            raise ShellSyntaxError(f"here document '{self._awaited[0].delimiter}' unclosed")

    def arithmetic(self) -> Word | None:
        """Read `((…))` at an operator `(` that is looked at; None if it is not one."""
        token = self.peek()
        start = token.end
        if not self.text.startswith("(", start):
            return None
        reader = WordReader(self.text, start - 1, self.nested, self.depth)
        found = reader.parenthesized_expression()
        if found is not None:
            self.at = reader.at
            self._peeked = None
        return found

    def array(self) -> tuple[Word, ...]:
        """Read the words of `name=( … )` behind a word that ends in `=`."""
        words = []
        self.take()
        while (token := self.take()).text != ")" or token.kind != "operator":
            if token.kind == "word" and token.word:
                words.append(token.word)
            elif token.kind != "newline":
                raise ShellSyntaxError(f"syntax error: unexpected {token}")
        return tuple(words)

    def adjoins(self, token: Token) -> bool:
        """Say whether an opening parenthesis follows `token` without a blank."""
        return self.text.startswith("(", token.end)

    def _scan(self) -> Token:
        at = _skip(self.text, self.at)
        if at >= len(self.text):
            return Token("end", "", at, line=self.line)
        if self.text[at] == "\n":
            return Token("newline", "\n", at + 1, line=self.line)
        operator = _OPERATOR.match(self.text, at)
        if operator:
            return Token("operator", operator[0], operator.end(), line=self.line)
        descriptor = _DESCRIPTOR.match(self.text, at)
        if descriptor:
            return Token("descriptor", descriptor[0], descriptor.end(), line=self.line)
        reader = WordReader(self.text, at, self.nested, self.depth)
        word = reader.word()
        return Token("word", self.text[at : reader.at], reader.at, word, self.line)

    def _read_here_documents(self) -> None:
        for document in self._awaited:
            self._read_body(document)
        self._awaited.clear()

    def _read_body(self, document: HereDocument) -> None:
        lines: list[str] = []
        while self.at < len(self.text):
            end = self.text.find("\n", self.at)
            end = len(self.text) if end < 0 else end
            line = self.text[self.at : end]
            self.at = min(end + 1, len(self.text))
            self.line += 1
            if document.strips_tabs:
                line = line.lstrip("\t")
            if line == document.delimiter:
                document.body = self._body("".join(lines), document)
                return
            lines.append(line + "\n")
        raise ShellSyntaxError(f"here document '{document.delimiter}' unclosed")

    def _body(self, text: str, document: HereDocument) -> Word:
        if document.is_literal:
            return make_word((Quoted(text),))
        return WordReader(text, 0, self.nested, self.depth + 1).rest(is_quoted=True)


def _skip(text: str, at: int) -> int:
    """Go past blanks, joined lines and a comment."""
    match = _BLANK.match(text, at)
    assert match
    return match.end()


def _unquoted(word: Word) -> tuple[str, bool]:
    """Return a delimiter's text and whether any of it was quoted."""
    pieces = []
    is_quoted = False
    for part in word.parts:
        if isinstance(part, Literal | Quoted):
            is_quoted = is_quoted or isinstance(part, Quoted)
            pieces.append(part.text)
        elif isinstance(part, DoubleQuoted):
            is_quoted = True
            pieces.extend(inner.text for inner in part.parts if isinstance(inner, Quoted))
    return "".join(pieces), is_quoted
