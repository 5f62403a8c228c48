"""trap: what to do at the end, at an error and on signals."""

from devices.virtual.userspace.shell.replacing import shell_quoted
from devices.virtual.userspace.shell.shell import Shell
from devices.virtual.userspace.shell.traps import condition_name, set_trap


async def trap(shell: Shell, args: list[str]) -> int:
    """Set, clear or list traps."""
    if args and args[0] == "--":
        args = args[1:]
    if not args:
        return await _list(shell)
    action: str | None = args[0]
    conditions = args[1:]
    if action == "-":
        action = None
    elif args[0].isdecimal():
        action, conditions = None, args
    status = 0
    for word in conditions:
        name = condition_name(word)
        if name is None:
            await shell.complain(f"trap: bad signal: {word}")
            status = 1
        else:
            set_trap(shell, name, action)
    return status


async def _list(shell: Shell) -> int:
    for name, action in shell.traps.items():
        await shell.write(f"trap -- {shell_quoted(action)} {name}\n")
    return 0
