"""echo, print and printf."""

from devices.virtual.userspace.formats import formatted
from devices.virtual.userspace.shell.errors import Refusal
from devices.virtual.userspace.shell.escapes import echoed
from devices.virtual.userspace.shell.shell import Shell


async def echo(shell: Shell, args: list[str]) -> int:
    """Print the arguments; unlike other shells' echo, mksh's knows escapes by default."""
    ends_line, knows_escapes = True, True
    while args and len(args[0]) > 1 and args[0][0] == "-" and set(args[0][1:]) <= set("neE"):
        for letter in args.pop(0)[1:]:
            ends_line = ends_line and letter != "n"
            knows_escapes = letter == "e" or (knows_escapes and letter != "E")
    await _print(shell, " ".join(args), ends_line=ends_line, knows_escapes=knows_escapes)
    return 0


async def print_(shell: Shell, args: list[str]) -> int:
    """Print the arguments: -n, -r (raw), -R, -u descriptor, `--`."""
    ends_line, knows_escapes, descriptor = True, True, 1
    while args and args[0].startswith("-") and len(args[0]) > 1:
        option = args.pop(0)
        if option == "--":
            break
        letters = option[1:]
        if letters.startswith("u"):
            descriptor = _descriptor(letters[1:] or (args.pop(0) if args else "1"))
            continue
        if not set(letters) <= set("nrReslA"):
            raise Refusal(f"{option}: unknown option")
        ends_line = ends_line and "n" not in letters
        knows_escapes = knows_escapes and not set(letters) & set("rR")
    text = " ".join(args)
    await _print(
        shell, text, ends_line=ends_line, knows_escapes=knows_escapes, descriptor=descriptor
    )
    return 0


async def printf(shell: Shell, args: list[str]) -> int:
    """Print the arguments through a format."""
    if args and args[0] == "--":
        args = args[1:]
    if not args:
        raise Refusal("missing operand")
    result = formatted(args[0], args[1:])
    await shell.write(result.text)
    for complaint in result.complaints:
        await shell.complain(f"printf: {complaint}")
    return int(bool(result.complaints))


async def _print(
    shell: Shell, text: str, *, ends_line: bool, knows_escapes: bool, descriptor: int = 1
) -> None:
    if knows_escapes:
        found = echoed(text)
        text, ends_line = found.text, ends_line and not found.has_stop
    await shell.write(text + "\n" if ends_line else text, descriptor)


def _descriptor(word: str) -> int:
    if not (word.isdecimal() and word.isascii()):
        raise Refusal(f"-u: {word}: bad file descriptor")
    return int(word)
