"""set, shift and getopts."""

from devices.virtual.userspace.shell.errors import Refusal
from devices.virtual.userspace.shell.replacing import shell_quoted
from devices.virtual.userspace.shell.shell import Shell

LETTERS = {
    "a": "allexport",
    "b": "notify",
    "C": "noclobber",
    "e": "errexit",
    "f": "noglob",
    "h": "trackall",
    "m": "monitor",
    "n": "noexec",
    "u": "nounset",
    "U": "utf8-mode",
    "v": "verbose",
    "x": "xtrace",
}
_NAMES = frozenset(LETTERS.values()) | {"braceexpand", "pipefail", "posix", "sh", "stdin"}


async def set_(shell: Shell, args: list[str]) -> int:
    """Set options and positional parameters, or list the variables."""
    if not args:
        return await _list_variables(shell)
    if args in (["-o"], ["+o"]):
        return await _list_options(shell)
    if args[0] in ("-A", "+A"):
        return _set_array(shell, args[1:])
    rest = take_options(shell, args)
    if rest is not None:
        shell.arguments = rest
    return 0


def take_options(shell: Shell, args: list[str], others: str = "") -> list[str] | None:
    """Switch the options in front; return what is behind them, None if there is nothing.

    Letters in `others` are left alone.
    """
    rest = list(args)
    while rest and len(rest[0]) > 1 and rest[0][0] in "-+":
        option = rest.pop(0)
        if option == "--":
            return rest
        is_on = option[0] == "-"
        if option[1:] == "o" and rest:
            switch(shell, rest.pop(0), is_on=is_on)
            continue
        for letter in option[1:]:
            if letter not in others:
                switch(shell, LETTERS.get(letter, f"-{letter}"), is_on=is_on)
    if rest and rest[0] == "-":
        rest.pop(0)
    return rest or None


def switch(shell: Shell, name: str, *, is_on: bool) -> None:
    """Turn one option on or off."""
    if name not in _NAMES:
        raise Refusal(f"{name}: unknown option")
    if is_on:
        shell.options.add(name)
    else:
        shell.options.discard(name)


async def shift(shell: Shell, args: list[str]) -> int:
    """Drop positional parameters from the front."""
    count = shell.runner.number(args[0]) if args else 1
    if count < 0:
        raise Refusal(f"{args[0]}: bad number")
    if count > len(shell.arguments):
        raise Refusal("nothing to shift")
    shell.arguments = shell.arguments[count:]
    return 0


async def getopts(shell: Shell, args: list[str]) -> int:
    """Take the next option out of the arguments."""
    if len(args) < 2:
        raise Refusal("missing options argument" if not args else "missing name argument")
    allowed, name, *words = args
    words = words or shell.arguments
    variables = shell.variables
    index = int(variables.get("OPTIND") or 1)
    if index == 1 and variables.get("OPTIND") != shell.option_word:
        shell.option_index = 0
    letter, index = _next_letter(shell, words, index)
    if letter is None:
        variables.set(name, "?")
        variables.set("OPTIND", str(index))
        shell.option_word = str(index)
        return 1
    value, index, shown = await _value(shell, allowed, letter, words, index)
    variables.set(name, shown)
    if value is None:
        variables.unset("OPTARG")
    else:
        variables.set("OPTARG", value)
    variables.set("OPTIND", str(index))
    shell.option_word = str(index)
    return 0


def _next_letter(shell: Shell, words: list[str], index: int) -> tuple[str | None, int]:
    """Return the option letter at the current place, None if options have ended."""
    if shell.option_index == 0:
        word = words[index - 1] if index <= len(words) else ""
        if word == "--":
            return None, index + 1
        if len(word) < 2 or word[0] not in "-+":
            return None, index
        shell.option_index = 1
    word = words[index - 1]
    letter = word[shell.option_index]
    shell.option_index += 1
    if shell.option_index >= len(word):
        shell.option_index = 0
        index += 1
    return letter, index


async def _value(
    shell: Shell, allowed: str, letter: str, words: list[str], index: int
) -> tuple[str | None, int, str]:
    """Return the option's argument, the next index and what goes into the variable."""
    at = allowed.find(letter) if letter != ":" else -1
    is_silent = allowed.startswith(":")
    if at < 0:
        if not is_silent:
            await shell.complain(f"-{letter}: unknown option")
        return (letter if is_silent else None), index, "?"
    if allowed[at + 1 : at + 2] != ":":
        return None, index, letter
    if shell.option_index:
        value = words[index - 1][shell.option_index :]
        shell.option_index = 0
        return value, index + 1, letter
    if index <= len(words):
        return words[index - 1], index + 1, letter
    if not is_silent:
        await shell.complain(f"-{letter}: requires an argument")
        return None, index, "?"
    return letter, index, ":"


async def _list_variables(shell: Shell) -> int:
    lines = []
    for name in shell.variables.names():
        value = shell.variables.get(name)
        lines.append(name if value is None else f"{name}={shell_quoted(value)}")
    await shell.write("".join(f"{line}\n" for line in lines))
    return 0


async def _list_options(shell: Shell) -> int:
    lines = ["Current option settings"]
    for name in sorted(_NAMES):
        lines.append(f"{name:<14} {'on' if name in shell.options else 'off'}")
    await shell.write("".join(f"{line}\n" for line in lines))
    return 0


def _set_array(shell: Shell, rest: list[str]) -> int:
    if not rest:
        raise Refusal("-A: missing argument")
    shell.variables.set_array(rest[0], dict(enumerate(rest[1:])))
    return 0
