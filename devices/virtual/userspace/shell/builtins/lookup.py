"""type and whence: what a name means."""

from devices.virtual.userspace.execution import CannotExecute, find
from devices.virtual.userspace.shell.errors import Refusal
from devices.virtual.userspace.shell.names import BUILTIN_NAMES, RESERVED, SPECIAL
from devices.virtual.userspace.shell.shell import Shell


async def type_(shell: Shell, args: list[str]) -> int:
    """Say in words what each name is."""
    return await located(shell, args, is_verbose=True)


async def whence(shell: Shell, args: list[str]) -> int:
    """Say what each name is: its path, or with -v in words."""
    is_verbose = False
    while args and args[0].startswith("-") and len(args[0]) > 1:
        option = args[0]
        if not set(option[1:]) <= set("pv"):
            raise Refusal(f"{option}: unknown option")
        is_verbose = is_verbose or "v" in option
        args = args[1:]
    return await located(shell, args, is_verbose=is_verbose)


async def located(shell: Shell, names: list[str], *, is_verbose: bool, stops: bool = False) -> int:
    """Print what names mean; 1 if one of them means nothing."""
    status = 0
    for name in names:
        line = _in_words(shell, name) if is_verbose else _in_short(shell, name)
        if line is None:
            status = 1
            if is_verbose:
                await shell.write(f"{name} not found\n")
            elif stops:
                break
            continue
        await shell.write(f"{line}\n")
    return status


def _in_words(shell: Shell, name: str) -> str | None:
    if name in RESERVED:
        return f"{name} is a reserved word"
    if name in shell.functions:
        return f"{name} is a function"
    if name in BUILTIN_NAMES:
        return f"{name} is a {'special ' if name in SPECIAL else ''}shell builtin"
    path = _path(shell, name)
    if path is None:
        return None
    return f"{name} is {path}" if "/" in name else f"{name} is a tracked alias for {path}"


def _in_short(shell: Shell, name: str) -> str | None:
    if name in RESERVED or name in shell.functions or name in BUILTIN_NAMES:
        return name
    return _path(shell, name)


def _path(shell: Shell, name: str) -> str | None:
    try:
        return find(shell.system, name, shell.variables.get("PATH") or "", shell.cwd).path
    except CannotExecute:
        return None
