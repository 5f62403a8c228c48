"""`$((…))`: mksh's integer expressions, signed 32 bits wide, with a parser of their own."""

import re
from collections.abc import Callable
from functools import partial
from typing import Protocol

from devices.virtual.userspace.shell.errors import BadValue, ShellError
from devices.virtual.userspace.shell.integers import (
    BINARY,
    MODULUS,
    OPERATIONS,
    divided,
    parse_number,
    wrap,
)

MAX_NESTING = 100  # a security limit on parentheses and on parameters that name each other
MAX_LENGTH = 64 * 1024  # [characters], a security limit
_TOKEN = re.compile(
    r"\s*(?:(?P<number>[0-9][0-9A-Za-z_#]*)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<char>'[^'])'"
    r"|(?P<operator><<=|>>=|\^<=|\^>=|\+\+|--|&&|\|\||<=|>=|==|!=|<<|>>|\^<|\^>"
    r"|[*/%+\-&^|]=|[-+*/%<>=!~?:,()&^|#])|(?P<end>\Z)|(?P<other>.))",
    re.S,
)
_PREFIXES = frozenset(("+", "-", "!", "~", "#", "++", "--"))
_ASSIGNMENTS = frozenset(
    ("=", "*=", "/=", "%=", "+=", "-=", "<<=", ">>=", "^<=", "^>=", "&=", "^=", "|=")
)


class Names(Protocol):
    """The variables that an expression reads and changes."""

    def number_text(self, name: str, index: int) -> str:
        """Return a variable's text, "" if it is unset."""

    def set_number(self, name: str, index: int, value: int) -> None:
        """Assign a value."""


def evaluate(expression: str, names: Names) -> int:
    """Return the value of an expression in [-2**31, 2**31), or up to 2**32 after a `#`.

    Raises:
        ShellError: with mksh's words, if it is no expression.
    """
    if len(expression) > MAX_LENGTH:
        raise ShellError(f"expression of {len(expression)} characters, limit is {MAX_LENGTH}")
    return _Evaluation(expression, names, ()).value()


class _Evaluation:
    """One expression; evaluated while it is parsed, silently where `&&` or `?:` skips it."""

    def __init__(self, text: str, names: Names, recursing: tuple[str, ...]) -> None:
        self._text = text
        self._names = names
        self._recursing = recursing  # the parameters whose values led here
        self._at = 0
        self._token = ""
        self._kind = ""
        self._skipped = 0
        self._depth = 0
        self._is_unsigned = False
        self._read_ahead: tuple[str, int] | None = None
        self._advance()

    def value(self) -> int:
        """Evaluate the whole text."""
        if self._kind == "end":
            return 0
        result = self._comma()
        if self._kind != "end":
            raise self._unexpected()
        return result

    # --- from the weakest operator to the strongest --------------------------------------

    def _comma(self) -> int:
        self._enter()
        result = self._assignment()
        while self._takes(","):
            result = self._assignment()
        self._depth -= 1
        return result

    def _assignment(self) -> int:
        if self._kind != "name":
            return self._conditional()
        name = self._token
        self._advance()
        index = self._index()
        operator = self._token
        if self._kind == "operator" and operator in _ASSIGNMENTS:
            self._advance()
            self._enter()
            value = self._assignment()
            self._depth -= 1
            if operator != "=":
                value = self._apply(operator[:-1], self._read(name, index), value)
            return self._assign(name, index, value)
        self._read_ahead = (name, index)
        return self._conditional()

    def _conditional(self) -> int:
        condition = self._binary(1)
        if not self._takes("?"):
            self._refuse_assignment()
            return condition
        self._enter()
        first = self._skipping(not condition, self._assignment)
        if not self._takes(":"):
            raise self._error("missing :")
        second = self._skipping(bool(condition), self._assignment)
        self._depth -= 1
        return first if condition else second

    def _binary(self, weakest: int) -> int:
        left = self._unary()
        while self._kind == "operator" and BINARY.get(self._token, 0) >= weakest:
            operator = self._token
            self._advance()
            is_decided = (operator == "&&" and not left) or (operator == "||" and bool(left))
            stronger = partial(self._binary, BINARY[operator] + 1)
            right = self._skipping(is_decided, stronger)
            left = self._apply(operator, left, right)
        return left

    def _unary(self) -> int:
        is_prefix = self._kind == "operator" and self._token in _PREFIXES
        if self._read_ahead or not is_prefix:
            return self._postfix()
        operator = self._token
        self._advance()
        self._enter()
        if operator in ("++", "--"):
            value = self._step(operator)
        else:
            value = self._prefixed(operator, self._unary())
        self._depth -= 1
        return value

    def _prefixed(self, operator: str, value: int) -> int:
        if operator == "#":
            self._is_unsigned = True
            return value % MODULUS
        results: dict[str, Callable[[], int]] = {
            "+": lambda: value,
            "-": lambda: self._wrapped(-value),
            "!": lambda: int(not value),
            "~": lambda: self._wrapped(~value),
        }
        return results[operator]()

    def _step(self, operator: str) -> int:
        """Evaluate `++x` or `--x`."""
        if self._kind != "name":
            raise self._error(f"{operator} requires lvalue")
        name, index = self._lvalue()
        return self._assign(name, index, self._read(name, index) + _step_of(operator))

    def _postfix(self) -> int:
        if self._kind != "name" and not self._read_ahead:
            value = self._primary()
            if self._token in ("++", "--") and self._kind == "operator":
                raise self._error(f"{self._token} requires lvalue")
            return value
        name, index = self._lvalue()
        value = self._read(name, index)
        if self._kind == "operator" and self._token in ("++", "--"):
            self._assign(name, index, value + _step_of(self._token))
            self._advance()
        return value

    def _primary(self) -> int:
        if self._takes("("):
            value = self._comma()
            if not self._takes(")"):
                raise self._error("missing )")
            return value
        if self._kind == "number":
            value = self._number(self._token)
        elif self._kind == "char":
            value = ord(self._token[1])
        else:
            raise self._unexpected()
        self._advance()
        return value

    # --- names ---------------------------------------------------------------------------

    def _lvalue(self) -> tuple[str, int]:
        """Return a name and its index, which looking for an assignment may have read already."""
        if self._read_ahead:
            found = self._read_ahead
            self._read_ahead = None
            return found
        name = self._token
        self._advance()
        return name, self._index()

    def _index(self) -> int:
        """Read `[…]` behind a name; without one it is element 0."""
        if self._token != "[":
            return 0
        self._advance()
        index = self._comma()
        if self._token != "]":
            raise self._error("missing ]")
        self._advance()
        return index

    def _read(self, name: str, index: int) -> int:
        text = self._names.number_text(name, index)
        if not text or self._skipped:
            return 0
        if name in self._recursing or len(self._recursing) > MAX_NESTING:
            outer = self._recursing[0]
            raise BadValue(f"{outer}: expression recurses on parameter '{name}'")
        try:
            return _Evaluation(text, self._names, (*self._recursing, name)).value()
        except ShellError as error:
            raise BadValue(str(error)) from None

    def _assign(self, name: str, index: int, value: int) -> int:
        value = self._wrapped(value)
        if not self._skipped:
            self._names.set_number(name, index, value)
        return value

    # --- numbers -------------------------------------------------------------------------

    def _number(self, text: str) -> int:
        try:
            return self._wrapped(parse_number(text))
        except ValueError:
            raise ShellError(f"{text}: bad number: Invalid argument") from None

    def _wrapped(self, value: int) -> int:
        return value % MODULUS if self._is_unsigned else wrap(value)

    def _apply(self, operator: str, left: int, right: int) -> int:
        if operator in ("/", "%"):
            if right == 0 and not self._skipped:
                raise self._error("zero divisor")
            quotient, remainder = divided(left, right or 1)
            return self._wrapped(quotient if operator == "/" else remainder)
        return self._wrapped(OPERATIONS[operator](left, right))

    # --- tokens --------------------------------------------------------------------------

    def _advance(self) -> None:
        match = _TOKEN.match(self._text, self._at)
        assert match
        assert match.lastgroup
        self._kind = match.lastgroup
        self._token = match[self._kind]
        self._at = match.end()

    def _takes(self, operator: str) -> bool:
        is_there = self._kind == "operator" and self._token == operator
        if is_there:
            self._advance()
        return is_there

    def _skipping(self, is_skipped: bool, parse: Callable[[], int]) -> int:
        self._skipped += is_skipped
        value = parse()
        self._skipped -= is_skipped
        return value

    def _enter(self) -> None:
        self._depth += 1
        if self._depth > MAX_NESTING:
            raise ShellError(f"expression nests deeper than {MAX_NESTING} levels")

    def _refuse_assignment(self) -> None:
        if self._kind == "operator" and self._token in _ASSIGNMENTS:
            raise self._error(f"{self._token} requires lvalue")

    def _error(self, message: str) -> ShellError:
        return ShellError(f"{self._text}: {message}")

    def _unexpected(self) -> ShellError:
        token = "end of expression" if self._kind == "end" else self._token
        return self._error(f"unexpected '{token}'")


def _step_of(operator: str) -> int:
    return 1 if operator == "++" else -1
