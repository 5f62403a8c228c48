"""echo, printf, test and expr as programs, for who calls them without a shell."""

from devices.virtual.userspace.applets.call import AppletError, Call
from devices.virtual.userspace.execution import run_child
from devices.virtual.userspace.formats import formatted
from devices.virtual.userspace.shell.escapes import echoed

_OPERATORS = ({"|"}, {"&"}, {"=", "!=", "<", "<=", ">", ">="}, {"+", "-"}, {"*", "/", "%"})


async def echo(call: Call) -> None:
    """Print the arguments; unlike the shell's own echo this one needs -e for escapes."""
    args = list(call.args)
    flags = ""
    while args and len(args[0]) > 1 and args[0][0] == "-" and set(args[0][1:]) <= set("neE"):
        flags += args.pop(0)[1:]
    text, end = " ".join(args), "" if "n" in flags else "\n"
    if "e" in flags:
        found = echoed(text)
        text, end = found.text, "" if found.has_stop else end
    await call.write(text + end)


async def printf(call: Call) -> None:
    """Print the arguments through a format."""
    if not call.args:
        raise AppletError('Need 1 argument (see "printf --help")')
    result = formatted(call.args[0], call.args[1:])
    await call.write(result.text)
    for complaint in result.complaints:
        await call.complain(complaint)


async def test(call: Call) -> int:
    """Ask the shell's own test."""
    return await run_child(call.invocation, ["sh", "-c", '"$0" "$@"', call.name, *call.args])


async def expr(call: Call) -> int:
    """Evaluate an expression that is spelled in words."""
    words = list(call.args)
    if not words:
        raise AppletError('Need 1 argument (see "expr --help")', 2)
    value = _binary(words, 0)
    if words:
        raise AppletError("syntax error", 2)
    await call.write(f"{value}\n")
    return int(value in ("", "0"))


def _binary(words: list[str], level: int) -> str:
    if level == len(_OPERATORS):
        return _operand(words)
    left = _binary(words, level + 1)
    while words and words[0] in _OPERATORS[level]:
        operator = words.pop(0)
        left = _apply(left, operator, _binary(words, level + 1))
    return left


def _operand(words: list[str]) -> str:
    if not words:
        raise AppletError("syntax error", 2)
    word = words.pop(0)
    if word != "(":
        return word
    value = _binary(words, 0)
    if not words or words.pop(0) != ")":
        raise AppletError("syntax error", 2)
    return value


def _apply(left: str, operator: str, right: str) -> str:
    if operator == "|":
        return left if left not in ("", "0") else right
    if operator == "&":
        return left if left not in ("", "0") and right not in ("", "0") else "0"
    if operator in _OPERATORS[2]:
        return str(int(_compared(left, operator, right)))
    a, b = _integer(left), _integer(right)
    if operator in "/%" and b == 0:
        raise AppletError("division by zero", 2)
    results = {"+": a + b, "-": a - b, "*": a * b}
    if operator in "/%":
        quotient = abs(a) // abs(b) * (1 if (a < 0) is (b < 0) else -1)
        results = {"/": quotient, "%": a - quotient * b}
    return str(results[operator])


def _compared(left: str, operator: str, right: str) -> bool:
    order = _order(left, right)
    return {
        "=": order == 0,
        "!=": order != 0,
        "<": order < 0,
        "<=": order <= 0,
        ">": order > 0,
        ">=": order >= 0,
    }[operator]


def _order(left: str, right: str) -> int:
    """Compare as numbers if both are, else as texts."""
    try:
        return _integer(left) - _integer(right)
    except AppletError:
        return (left > right) - (left < right)


def _integer(text: str) -> int:
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal()):
        raise AppletError("non-integer argument", 2)
    return int(text)
