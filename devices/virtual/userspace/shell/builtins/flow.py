"""break, continue, return, exit, eval, `.`, exec, command, builtin, let, true and false."""

from devices.virtual.userspace.shell.builtins.lookup import located
from devices.virtual.userspace.shell.errors import (
    BadValue,
    BreakLoop,
    ContinueLoop,
    ExitJump,
    LoopJump,
    Refusal,
    ReturnJump,
    ShellError,
)
from devices.virtual.userspace.shell.names import BUILTIN_NAMES
from devices.virtual.userspace.shell.shell import Shell

MAX_SOURCED = 100  # files in files, a security limit


async def true(_shell: Shell, _args: list[str]) -> int:
    """Succeed."""
    return 0


async def false(_shell: Shell, _args: list[str]) -> int:
    """Fail."""
    return 1


async def break_(shell: Shell, args: list[str]) -> int:
    """Leave loops."""
    return await _jump(shell, args, "break", BreakLoop)


async def continue_(shell: Shell, args: list[str]) -> int:
    """Go to a loop's next turn."""
    return await _jump(shell, args, "continue", ContinueLoop)


async def return_(shell: Shell, args: list[str]) -> int:
    """Leave a function or a sourced file; outside of both, the shell."""
    try:
        status = _status(shell, args)
    except Refusal as refusal:
        await shell.complain(f"return: {refusal}")
        status = refusal.status
    raise ReturnJump(status)


async def exit_(shell: Shell, args: list[str]) -> int:
    """Leave the shell."""
    raise ExitJump(_status(shell, args))


async def eval_(shell: Shell, args: list[str]) -> int:
    """Run the arguments as a script."""
    return await shell.runner.run_text(" ".join(args))


async def source(shell: Shell, args: list[str]) -> int:
    """Run a file in this shell."""
    if not args:
        raise Refusal("missing argument")
    if shell.sourced >= MAX_SOURCED:
        raise Refusal(f"more than {MAX_SOURCED} files in files")
    path = shell.absolute(args[0]) if "/" in args[0] else _along_path(shell, args[0])
    try:
        text = shell.system.files.read(path).decode("utf-8", "surrogateescape")
    except OSError as error:
        raise Refusal(f"{args[0]}: {error.strerror}") from None
    outer = shell.arguments
    shell.arguments = args[1:] or outer
    shell.sourced += 1
    try:
        return await shell.runner.run_text(text)
    except ReturnJump as jump:
        return jump.status
    finally:
        shell.sourced -= 1
        if args[1:]:
            shell.arguments = outer


async def exec_(shell: Shell, args: list[str]) -> int:
    """Become a program, or keep the redirections."""
    if args and args[0] == "--":
        args = args[1:]
    if args:
        return await shell.runner.replace_by(args)
    shell.keeps_redirections = True
    return 0


async def command(shell: Shell, args: list[str]) -> int:
    """Run a command that is no function, or with -v say what it is."""
    while args and args[0] in ("-p", "--"):
        args = args[1:]
    if args and args[0] in ("-v", "-V"):
        return await located(shell, args[1:], is_verbose=args[0] == "-V", stops=True)
    if not args:
        return 0
    return await shell.runner.run_words(args, skips_functions=True)


async def builtin(shell: Shell, args: list[str]) -> int:
    """Run a builtin even where a function has its name."""
    if not args:
        return 0
    if args[0] not in BUILTIN_NAMES:
        raise ShellError(f"builtin: {args[0]}: not found")
    return await shell.runner.run_words(args, skips_functions=True)


async def let(shell: Shell, args: list[str]) -> int:
    """Evaluate expressions; the last one's value says whether this succeeds."""
    if not args:
        raise Refusal("missing argument")
    value = 0
    try:
        for expression in args:
            value = shell.runner.number(expression)
    except BadValue:
        raise
    except ShellError as error:
        await shell.complain(str(error))
        return 2
    return int(value == 0)


async def _jump(shell: Shell, args: list[str], name: str, jump: type[LoopJump]) -> int:
    levels = 1
    if args:
        levels = _number(args[0])
        if levels < 1:
            raise Refusal(f"{args[0]}: bad value")
    if shell.loops == 0:
        await shell.complain(f"{name}: can't {name}")
        return 0
    if levels > shell.loops:
        await shell.complain(f"{name}: can only {name} {shell.loops} level(s)")
        levels = shell.loops
    raise jump(levels)


def _status(shell: Shell, args: list[str]) -> int:
    return _number(args[0]) & 0xFF if args else shell.status


def _number(word: str) -> int:
    digits = word.removeprefix("-").removeprefix("+")
    if not (digits.isdecimal() and digits.isascii()):
        raise Refusal(f"bad number: {word}")
    return int(word)


def _along_path(shell: Shell, name: str) -> str:
    for directory in (shell.variables.get("PATH") or "").split(":"):
        path = shell.absolute(f"{directory or '.'}/{name}")
        if shell.system.files.exists(path):
            return path
    return shell.absolute(name)
