"""export, readonly, typeset (local, integer) and unset."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from devices.virtual.userspace.shell.errors import Refusal, ShellError
from devices.virtual.userspace.shell.replacing import shell_quoted
from devices.virtual.userspace.shell.shell import Shell
from devices.virtual.userspace.shell.variables import Variable

_DECLARATION = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(\+?=(.*))?\Z", re.S)
_ELEMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)\[(.*)\]\Z", re.S)


@dataclass(frozen=True, slots=True)
class _Mark:
    """An attribute with a command of its own."""

    command: str
    put: Callable[[Variable], Variable]
    is_on: Callable[[Variable], bool]


def _with_export(variable: Variable) -> Variable:
    return replace(variable, is_exported=True)


def _with_lock(variable: Variable) -> Variable:
    return replace(variable, is_readonly=True)


async def export(shell: Shell, args: list[str]) -> int:
    """Mark variables for programs."""
    return await _mark(shell, args, _Mark("export", _with_export, lambda v: v.is_exported))


async def readonly(shell: Shell, args: list[str]) -> int:
    """Fix variables."""
    return await _mark(shell, args, _Mark("readonly", _with_lock, lambda v: v.is_readonly))


async def integer(shell: Shell, args: list[str]) -> int:
    """Declare whole numbers."""
    return await typeset(shell, ["-i", *args])


async def typeset(shell: Shell, args: list[str]) -> int:
    """Declare variables: local ones in a function, with attributes -ilruxLRZ, or list them."""
    options, names = _attributes(args)
    if "f" in options:
        return await _functions(shell, names)
    if not names or "p" in options:
        return await _listed(shell, names, options)
    for text in names:
        name, operator, value = _parsed(text)
        shell.variables.make_local(name)
        _declare(shell, name, _with_attributes(shell.variables.find(name), options))
        if operator:
            _assign(shell, name, operator, value)
        if "r" in options:
            _declare(shell, name, replace(shell.variables.find(name), is_readonly=True))
    return 0


async def unset(shell: Shell, args: list[str]) -> int:
    """Forget variables, or with -f functions."""
    forgets_functions = False
    while args and args[0] in ("-f", "-v", "--"):
        forgets_functions = args[0] == "-f"
        args = args[1:]
    status = 0
    for name in args:
        if forgets_functions:
            status = 0 if shell.functions.pop(name, None) else 1
            continue
        element = _ELEMENT.match(name)
        try:
            if element:
                shell.variables.unset(element[1], shell.runner.number(element[2]))
            else:
                shell.variables.unset(name)
        except ShellError as error:
            await shell.complain(str(error))
            status = 1
    return status


async def _mark(shell: Shell, args: list[str], mark: _Mark) -> int:
    is_listing = bool(args) and args[0] == "-p"
    names = args[1:] if is_listing else args
    if not names:
        return await _list_marked(shell, mark, is_command=is_listing)
    for text in names:
        name, operator, value = _parsed(text)
        if operator:
            _assign(shell, name, operator, value)
        _declare(shell, name, mark.put(shell.variables.find(name)))
    return 0


async def _list_marked(shell: Shell, mark: _Mark, *, is_command: bool) -> int:
    lines = []
    for name in shell.variables.names():
        variable = shell.variables.find(name)
        if mark.is_on(variable):
            lines.append(_as_command(mark.command, name, variable) if is_command else name)
    await shell.write("".join(f"{line}\n" for line in lines))
    return 0


def _as_command(command: str, name: str, variable: Variable) -> str:
    value = "" if variable.value is None else f"={shell_quoted(variable.value)}"
    return f"{command} {name}{value}"


def _attributes(args: list[str]) -> tuple[dict[str, str], list[str]]:
    """Take options such as -i, -Z5 or -x off the front."""
    options: dict[str, str] = {}
    names = list(args)
    while names and re.match(r"[-+][a-zA-Z]", names[0]):
        for letter, number in re.findall(r"([a-zA-Z])(\d*)", names.pop(0)[1:]):
            options[letter] = number
    return options, names


def _parsed(text: str) -> tuple[str, str, str]:
    match = _DECLARATION.match(text)
    if not match:
        raise Refusal(f"{text.partition('=')[0]}: is not an identifier")
    operator = (match[2] or "").partition("=")[0] + "=" if match[2] else ""
    return match[1], operator, match[3] or ""


def _with_attributes(variable: Variable, options: dict[str, str]) -> Variable:
    letter_case = next((letter for letter in "ul" if letter in options), variable.letter_case)
    justify = next((letter for letter in "LRZ" if letter in options), variable.justify)
    width = int(options[justify] or 0) if justify in options else variable.width
    return replace(
        variable,
        is_integer=variable.is_integer or "i" in options,
        is_exported=variable.is_exported or "x" in options,
        letter_case=letter_case,
        justify=justify,
        width=min(width, 1000),
    )


def _declare(shell: Shell, name: str, variable: Variable) -> None:
    shell.variables.declare(name, variable)


def _assign(shell: Shell, name: str, operator: str, value: str) -> None:
    if operator == "+=":
        value = (shell.variables.get(name) or "") + value
    shell.variables.set(name, value)


async def _listed(shell: Shell, names: list[str], options: dict[str, str]) -> int:
    chosen = names or list(shell.variables.names())
    for name in chosen:
        variable = shell.variables.find(name)
        flags = _flags(variable)
        if not set(options) - {"p"} <= set(flags.replace(" -", "")):
            continue
        value = (
            ""
            if "p" not in options or variable.value is None
            else f"={shell_quoted(variable.value)}"
        )
        await shell.write(f"typeset {flags}{name}{value}\n")
    return 0


def _flags(variable: Variable) -> str:
    letters = {
        "i": variable.is_integer,
        "l": variable.letter_case == "l",
        "u": variable.letter_case == "u",
        "r": variable.is_readonly,
        "x": variable.is_exported,
    }
    return "".join(f"-{letter} " for letter, is_set in letters.items() if is_set)


async def _functions(shell: Shell, names: list[str]) -> int:
    status = 0
    for name in names or sorted(shell.functions):
        function = shell.functions.get(name)
        if function is None:
            status = 1
            continue
        await shell.write(f"{name}() {function.source.strip()}\n")
    return status
