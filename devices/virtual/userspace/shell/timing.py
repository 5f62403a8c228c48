"""`time`: how long a command took, on the phone's clock."""

from collections.abc import Awaitable, Callable

from devices.virtual.userspace.shell.shell import Shell
from devices.virtual.userspace.shell.syntax import Command, Timed

_NS_PER_S = 1_000_000_000


async def timed(shell: Shell, node: Timed, execute: Callable[[Command], Awaitable[int]]) -> int:
    """Run the body and report on stderr.

    Programs of a virtual phone take no modeled processor time, so user and system are 0.
    """
    start_ns = shell.system.clock.now_ns()
    status = await execute(node.body) if node.body else 0
    seconds = (shell.system.clock.now_ns() - start_ns) / _NS_PER_S
    await shell.write(_posix(seconds) if node.is_posix else _report(seconds, node), 2)
    return status


def _posix(seconds: float) -> str:
    return f"real {seconds:.2f}\nuser 0.00\nsys 0.00\n"


def _report(seconds: float, node: Timed) -> str:
    minutes, rest = divmod(seconds, 60)
    real = f"{int(minutes):5d}m{rest:05.2f}s real " if node.body else ""
    return f"{real}    0m00.00s user     0m00.00s system\n"
