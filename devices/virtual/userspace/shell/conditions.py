"""Parses what stands between `[[` and `]]`."""

from collections.abc import Callable

from devices.virtual.userspace.shell.cursor import MAX_NESTING
from devices.virtual.userspace.shell.errors import ShellSyntaxError
from devices.virtual.userspace.shell.lexer import Lexer
from devices.virtual.userspace.shell.syntax import (
    TestBinary,
    TestJoin,
    TestNode,
    TestNot,
    TestUnary,
    TestWord,
    Word,
)

UNARY = frozenset(f"-{letter}" for letter in "abcdefghkLnoprsStuvwxzGHO")
BINARY = frozenset(
    ("=", "==", "!=", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef")
)


def condition(lexer: Lexer) -> TestNode:
    """Parse up to and with `]]`."""
    parser = _ConditionParser(lexer)
    node = parser.either()
    if not parser.is_at("]]"):
        raise parser.unexpected_operand()
    lexer.take()
    return node


class _ConditionParser:
    """`||` binds weakest, then `&&`, then `!`."""

    def __init__(self, lexer: Lexer) -> None:
        self._lexer = lexer
        self._depth = lexer.depth

    def either(self) -> TestNode:
        """Parse operands joined by `||`."""
        left = self._both()
        while self._takes("||"):
            left = TestJoin(left, "||", self._both())
        return left

    def is_at(self, text: str) -> bool:
        """Say whether the next token is `text`, unquoted."""
        token = self._lexer.peek()
        return token.text == text and token.kind in ("word", "operator")

    def unexpected_operand(self) -> ShellSyntaxError:
        """Return the error for a token that no operator asked for."""
        token = self._lexer.peek()
        if token.kind == "end":
            return ShellSyntaxError("syntax error: unexpected EOF")
        return ShellSyntaxError(f"syntax error: unexpected operator/operand {token}")

    def _both(self) -> TestNode:
        left = self._operand()
        while self._takes("&&"):
            left = TestJoin(left, "&&", self._operand())
        return left

    def _operand(self) -> TestNode:
        self._skip_newlines()
        if self._takes("!"):
            return TestNot(self._nested(self._operand))
        if self._takes("("):
            node = self._nested(self.either)
            self._skip_newlines()
            if not self._takes(")"):
                raise self.unexpected_operand()
            return node
        return self._comparison()

    def _comparison(self) -> TestNode:
        token = self._lexer.peek()
        if token.text in UNARY:
            self._lexer.take()
            if self._lexer.peek().word is None and self._lexer.peek().kind != "end":
                raise ShellSyntaxError(f"syntax error: missing argument '{token.text}'")
            return TestUnary(token.text, self._word())
        return self._binary(self._word())

    def _binary(self, left: Word) -> TestNode:
        if not self._is_operator_ahead():
            return TestWord(left)
        operator = self._lexer.take().text
        if self._lexer.peek().word is None:
            raise ShellSyntaxError(f"syntax error: missing second argument '{operator}'")
        return TestBinary(left, operator, self._word())

    def _is_operator_ahead(self) -> bool:
        token = self._lexer.peek()
        return token.text in BINARY and token.kind in ("word", "operator")

    def _word(self) -> Word:
        token = self._lexer.peek()
        if token.kind == "end":
            raise ShellSyntaxError("syntax error: unexpected EOF")
        if token.word is None:
            raise self.unexpected_operand()
        self._lexer.take()
        return token.word

    def _takes(self, text: str) -> bool:
        is_there = self.is_at(text)
        if is_there:
            self._lexer.take()
        return is_there

    def _nested(self, parse: Callable[[], TestNode]) -> TestNode:
        self._depth += 1
        if self._depth > MAX_NESTING:
            raise ShellSyntaxError(f"syntax error: more than {MAX_NESTING} levels of nesting")
        node = parse()
        self._depth -= 1
        return node

    def _skip_newlines(self) -> None:
        while self._lexer.peek().kind == "newline":
            self._lexer.take()
