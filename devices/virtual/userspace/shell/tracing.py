"""`set -x`: shows each command before it runs."""

from collections.abc import Sequence

from devices.virtual.userspace.shell.replacing import shell_quoted
from devices.virtual.userspace.shell.shell import Shell
from devices.virtual.userspace.shell.syntax import Assignment, HereDocument, Redirect


async def trace_command(
    shell: Shell, words: Sequence[str], redirects: tuple[Redirect, ...]
) -> None:
    """Show a command's words, after its redirections."""
    shown = "".join(f"{_shown(redirect)} " for redirect in redirects)
    if shown:
        await _trace(shell, shown)
    if words:
        await _trace(shell, " ".join(shell_quoted(word) for word in words))


async def trace_assignments(shell: Shell, assignments: tuple[Assignment, ...]) -> None:
    """Show what was assigned."""
    pairs = (
        f"{assignment.name}={shell_quoted(shell.variables.get(assignment.name) or '')} "
        for assignment in assignments
    )
    await _trace(shell, "".join(pairs))


async def _trace(shell: Shell, text: str) -> None:
    try:
        await shell.write(f"{shell.variables.get('PS4') or ''}{text}\n", 2)
    except OSError:
        return


def _shown(redirect: Redirect) -> str:
    if isinstance(redirect.target, HereDocument):
        return f"{redirect.operator}{redirect.target.delimiter}"
    default = 0 if redirect.operator.startswith("<") else 1
    number = "" if redirect.descriptor == default else str(redirect.descriptor)
    return f"{number}{redirect.operator}{redirect.target.plain or ''}"
