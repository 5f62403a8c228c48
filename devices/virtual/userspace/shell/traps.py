"""Traps: what a shell does at its end, at an error and when a signal arrives."""

import signal

from devices.virtual.userspace.shell.errors import ExitJump, ShellError
from devices.virtual.userspace.shell.shell import Shell

NAMES = {item.name.removeprefix("SIG"): int(item) for item in signal.Signals}
NAMES = {name: number for name, number in NAMES.items() if not name.startswith(("RT", "CLD"))}
_NUMBERS = {number: name for name, number in NAMES.items()}


def signal_number(word: str) -> int | None:
    """Return the number that `TERM`, `SIGTERM`, `term` or `15` means."""
    if word.isdecimal() and word.isascii():
        return int(word) if int(word) <= 64 else None
    return NAMES.get(word.upper().removeprefix("SIG"))


def signal_name(number: int) -> str:
    """Return `TERM` for 15; a number without a name is itself."""
    return _NUMBERS.get(number, str(number))


def condition_name(word: str) -> str | None:
    """Return the name under which a trap is kept: EXIT, ERR or a signal's."""
    upper = word.upper().removeprefix("SIG")
    if upper in ("0", "EXIT"):
        return "EXIT"
    if upper == "ERR":
        return upper
    number = signal_number(word)
    return None if number is None else signal_name(number)


def set_trap(shell: Shell, name: str, action: str | None) -> None:
    """Do `action` on a condition: None is the default, "" nothing at all."""
    if action is None:
        shell.traps.pop(name, None)
    else:
        shell.traps[name] = action
    number = signal_number(name)
    if number is None or name in ("EXIT", "ERR"):
        return
    process = shell.process
    process.ignored.discard(number)
    process.handled.pop(number, None)
    if action == "":
        process.ignored.add(number)
    elif action is not None:
        process.handled[number] = lambda: shell.pending_signals.append(name)


async def report(shell: Shell, error: ShellError) -> None:
    """Write an error's message, unless that was done where it happened."""
    if not error.is_reported:
        error.is_reported = True
        await shell.complain(str(error))


async def run_trap(shell: Shell, name: str) -> None:
    """Run one trap; `$?` is afterwards what it was before."""
    action = shell.traps.get(name)
    if not action:
        return
    status = shell.status
    await shell.runner.run_text(action)
    shell.status = status


async def run_exit_trap(shell: Shell) -> int:
    """Run the EXIT trap, once; return the shell's status, which an `exit` in it changes."""
    action = shell.traps.pop("EXIT", None)
    if not action:
        return shell.status
    status = shell.status
    try:
        await shell.runner.run_text(action)
    except ExitJump as jump:
        return jump.status
    except ShellError as error:
        await report(shell, error)
        return error.status
    return status
