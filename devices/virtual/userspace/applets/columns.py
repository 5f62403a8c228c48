"""What ps can show of a process."""

from collections.abc import Callable
from dataclasses import dataclass

from devices.virtual.userspace.applets.call import Call
from devices.virtual.userspace.applets.owners import user_name
from devices.virtual.userspace.processes import Process

_NS_PER_S = 1_000_000_000
_SHELL_UID = 2000


@dataclass(frozen=True, slots=True)
class Column:
    """One column: a negative width is filled to the left."""

    title: str
    width: int
    value: Callable[[Process, Call], str]


def _elapsed(process: Process, call: Call) -> str:
    seconds = (call.system.clock.now_ns() - process.started_ns) // _NS_PER_S
    hours, rest = divmod(seconds, 3600)
    minutes = f"{rest // 60:02d}:{rest % 60:02d}"
    return f"{hours:02d}:{minutes}" if hours else minutes


def _state(process: Process, call: Call) -> str:
    return "R" if process is call.invocation.process else "S"


def _label(process: Process, _call: Call) -> str:
    return "u:r:shell:s0" if process.uid == _SHELL_UID else "u:r:system_server:s0"


def _line(process: Process, _call: Call) -> str:
    return process.command_line


def _same(text: str) -> Callable[[Process, Call], str]:
    """Return a value that the phone does not model, as ps shows it at rest."""
    return lambda _process, _call: text


COLUMNS: dict[str, Column] = {
    "user": Column("USER", -12, lambda p, _: user_name(p.uid)),
    "uid": Column("UID", 5, lambda p, _: str(p.uid)),
    "pid": Column("PID", 5, lambda p, _: str(p.pid)),
    "tid": Column("TID", 5, lambda p, _: str(p.pid)),
    "ppid": Column("PPID", 5, lambda p, _: str(p.ppid)),
    "vsz": Column("VSZ", 7, lambda p, _: str(p.virtual_kb)),
    "rss": Column("RSS", 6, lambda p, _: str(p.resident_kb)),
    "wchan": Column("WCHAN", -10, _same("0")),
    "addr": Column("ADDR", 8, _same("0")),
    "s": Column("S", 1, _state),
    "stat": Column("STAT", -5, _state),
    "name": Column("NAME", -27, lambda p, _: p.name),
    "comm": Column("COMMAND", -27, lambda p, _: p.name[:15]),
    "cmd": Column("CMD", -27, lambda p, _: p.name[:15]),
    "args": Column("ARGS", -27, _line),
    "cmdline": Column("CMDLINE", -27, _line),
    "command": Column("COMMAND", -27, _line),
    "%cpu": Column("%CPU", 4, _same("0.0")),
    "%mem": Column("%MEM", 4, _same("0.0")),
    "time": Column("TIME", 8, _same("00:00:00")),
    "etime": Column("ELAPSED", 11, _elapsed),
    "ni": Column("NI", 3, lambda p, _: str(p.nice)),
    "pri": Column("PRI", 3, lambda p, _: str(19 - p.nice)),
    "psr": Column("PSR", 3, _same("0")),
    "label": Column("LABEL", -30, _label),
    "stime": Column("STIME", 5, _same("00:00")),
    "tty": Column("TTY", -8, _same("?")),
    "c": Column("C", 1, _same("0")),
}
