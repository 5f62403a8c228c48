"""What every part of the parser asks of the tokens of a script."""

from devices.virtual.userspace.shell.cursor import MAX_NESTING
from devices.virtual.userspace.shell.errors import ShellSyntaxError
from devices.virtual.userspace.shell.lexer import Lexer, Token
from devices.virtual.userspace.shell.syntax import (
    Word,
)


class TokenReader:
    """Tokens one after the other, and what of them is still open."""

    def __init__(self, lexer: Lexer) -> None:
        self._lexer = lexer
        self._open: list[str] = []  # the words that still need their end

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
            raise too_deep()


def too_deep() -> ShellSyntaxError:
    """Return the error for a script that nests deeper than any person's."""
    return ShellSyntaxError(f"syntax error: more than {MAX_NESTING} levels of nesting")
