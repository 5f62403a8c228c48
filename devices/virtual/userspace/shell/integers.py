"""mksh's integers: signed 32-bit registers, their operators and how they are spelled."""

from collections.abc import Callable

BITS = 32
MODULUS = 1 << BITS
# How strongly binary operators bind.
BINARY: dict[str, int] = {
    "||": 1,
    "&&": 2,
    "|": 3,
    "^": 4,
    "&": 5,
    "==": 6,
    "!=": 6,
    "<": 7,
    "<=": 7,
    ">": 7,
    ">=": 7,
    "<<": 8,
    ">>": 8,
    "^<": 8,
    "^>": 8,
    "+": 9,
    "-": 9,
    "*": 10,
    "/": 10,
    "%": 10,
}


def wrap(value: int) -> int:
    """Return `value` as a signed 32-bit register holds it."""
    value &= MODULUS - 1
    return value - MODULUS if value >= MODULUS >> 1 else value


def parse_number(text: str) -> int:
    """Read decimal (leading zeros mean nothing), 0x… or BASE#…; ValueError otherwise."""
    base, has_base, digits = text.partition("#")
    if has_base:
        radix = int(base)
        return int(digits, radix) if 2 <= radix <= 36 else int(digits)
    if text[:2] in ("0x", "0X"):
        return int(text[2:], 16)
    return int(text)


def divided(left: int, right: int) -> tuple[int, int]:
    """Divide as C does, toward zero."""
    quotient = abs(left) // abs(right)
    if (left < 0) is not (right < 0):
        quotient = -quotient
    return quotient, left - quotient * right


def _rotated(value: int, count: int) -> int:
    count %= BITS
    value %= MODULUS
    return (value << count | value >> (BITS - count)) % MODULUS


OPERATIONS: dict[str, Callable[[int, int], int]] = {
    "||": lambda left, right: int(bool(left) or bool(right)),
    "&&": lambda left, right: int(bool(left) and bool(right)),
    "|": lambda left, right: left | right,
    "^": lambda left, right: left ^ right,
    "&": lambda left, right: left & right,
    "==": lambda left, right: int(left == right),
    "!=": lambda left, right: int(left != right),
    "<": lambda left, right: int(left < right),
    "<=": lambda left, right: int(left <= right),
    ">": lambda left, right: int(left > right),
    ">=": lambda left, right: int(left >= right),
    "<<": lambda left, right: left << (right % BITS),
    ">>": lambda left, right: left >> (right % BITS),
    "^<": _rotated,
    "^>": lambda left, right: _rotated(left, -right),
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
}
