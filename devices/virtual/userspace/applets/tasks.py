"""ps, pidof, pgrep, pkill, kill, killall and top: the phone's process table."""

import re

from devices.virtual.userspace.applets.call import AppletError, Call, Options
from devices.virtual.userspace.applets.columns import COLUMNS
from devices.virtual.userspace.applets.owners import user_name
from devices.virtual.userspace.processes import Process
from devices.virtual.userspace.regex.machine import Regex
from devices.virtual.userspace.regex.syntax import RegexError
from devices.virtual.userspace.shell.traps import signal_number

_USUAL = ["user", "pid", "ppid", "vsz", "rss", "wchan", "addr", "s", "name"]
_FULL = ["uid", "pid", "ppid", "c", "stime", "tty", "time", "cmd"]
_THREADS = ["user", "pid", "tid", "ppid", "vsz", "rss", "wchan", "addr", "s", "cmd"]


async def ps(call: Call) -> None:
    """List processes."""
    options = call.options("AaefTlZwo:O:p:u:U:t:k:", long={"sort": "k"})
    fields = _fields(options)
    chosen = [process for process in call.system.processes if _is_chosen(process, call, options)]
    rows = [[COLUMNS[name].value(process, call) for name in fields] for process in chosen]
    await call.write(_table(fields, rows))


def _fields(options: Options) -> list[str]:
    asked = [
        name.strip() for text in options.values("o") for name in re.split(r"[ ,]", text) if name
    ]
    if asked:
        names = [name.partition("=")[0].lower() for name in asked]
        unknown = [name for name in names if name not in COLUMNS]
        if unknown:
            raise AppletError(f"bad -o {unknown[0]}")
        return names
    if "T" in options:
        return list(_THREADS)
    fields = _FULL if "f" in options else _USUAL
    return ["label", *fields] if "Z" in options else list(fields)


def _is_chosen(process: Process, call: Call, options: Options) -> bool:
    pids = [text for value in options.values("p") for text in re.split(r"[ ,]", value)]
    if pids:
        return str(process.pid) in pids
    users = [text for value in options.values("u") for text in value.split(",")]
    if users:
        return user_name(process.uid) in users or str(process.uid) in users
    if {"A", "e", "a"} & {letter for letter, _ in options.given}:
        return True
    return process.uid == call.system.uid


def _table(fields: list[str], rows: list[list[str]]) -> str:
    titles = [COLUMNS[name].title for name in fields]
    lines = []
    for row in [titles, *rows]:
        cells = []
        for position, (name, cell) in enumerate(zip(fields, row, strict=True)):
            width = COLUMNS[name].width
            is_last = position == len(fields) - 1
            if width < 0:
                cells.append(cell if is_last else cell.ljust(-width))
            else:
                cells.append(cell.rjust(width))
        lines.append(" ".join(cells).rstrip() + "\n")
    return "".join(lines)


async def pidof(call: Call) -> int:
    """Print the numbers of processes by their exact name."""
    options = call.options("so:x")
    pids = [
        str(process.pid)
        for process in reversed(list(call.system.processes))
        if process is not call.invocation.process
        and any(_has_name(process, name) for name in options.operands)
    ]
    if "s" in options:
        pids = pids[:1]
    if pids:
        await call.write(" ".join(pids) + "\n")
    return 0 if pids else 1


async def pgrep(call: Call) -> int:
    """Print the numbers of processes that fit an expression."""
    options = call.options("flxnovcd:u:P:L:as")
    found = _matching(call, options)
    if "c" in options:
        await call.write(f"{len(found)}\n")
    elif found:
        lines = [_pgrep_line(process, options) for process in found]
        await call.write((options.value("d") or "\n").join(lines) + "\n")
    return 0 if found else 1


def _pgrep_line(process: Process, options: Options) -> str:
    if "l" in options or "a" in options:
        shown = process.command_line if "f" in options or "a" in options else process.name
        return f"{process.pid} {shown}"
    return str(process.pid)


async def pkill(call: Call) -> int:
    """Signal the processes that fit an expression."""
    number, args = _signal(call.args)
    call.args = args
    options = call.options("flxnovu:P:ec")
    found = _matching(call, options)
    for process in found:
        await _send(call, process, number, str(process.pid))
    return call.status if found else 1


def _matching(call: Call, options: Options) -> list[Process]:
    pattern = options.operands[0] if options.operands else ""
    try:
        regex = Regex(pattern, is_extended=True)
        found = [process for process in call.system.processes if _fits(process, regex, options)]
    except RegexError as error:
        raise AppletError(f"bad regex '{pattern}': {error}", 2) from None
    own = call.invocation.process
    found = [process for process in found if process is not own]
    if "n" in options:
        return found[-1:]
    return found[:1] if "o" in options else found


def _fits(process: Process, regex: Regex, options: Options) -> bool:
    users = options.values("u")
    if users and not {user_name(process.uid), str(process.uid)} & set(users[0].split(",")):
        return False
    parents = options.values("P")
    if parents and str(process.ppid) not in parents[0].split(","):
        return False
    text = process.command_line if "f" in options else process.name
    match = regex.search(text)
    is_match = match is not None
    if match and "x" in options:
        is_match = (match.start, match.end) == (0, len(text))
    return is_match is not ("v" in options)


async def kill(call: Call) -> None:
    """Signal processes by number."""
    number, words = _signal(call.args)
    if not words:
        raise AppletError('Need 1 argument (see "kill --help")')
    for word in words:
        if not word.removeprefix("-").isdecimal():
            await call.complain(f"unknown pid '{word}'")
            continue
        found = call.system.processes.targets(int(word))
        if not found:
            await call.complain(f"{word}: No such process")
        for process in found:
            await _send(call, process, number, word)


async def killall(call: Call) -> None:
    """Signal processes by their exact name."""
    number, words = _signal(call.args)
    quiet = [word for word in words if word in ("-q", "-w", "-e", "-v")]
    for name in [word for word in words if word not in quiet]:
        found = [p for p in call.system.processes if _has_name(p, name)]
        found = [process for process in found if process is not call.invocation.process]
        if not found and "-q" not in quiet:
            await call.complain(f"{name}: No such process")
        for process in found:
            await _send(call, process, number, name)


def _has_name(process: Process, name: str) -> bool:
    return name in (process.name, process.argv[0] if process.argv else "")


async def _send(call: Call, process: Process, number: int, word: str) -> None:
    if call.system.uid not in (0, process.uid):
        await call.complain(f"{word}: Operation not permitted")
        return
    process.send(number)


def _signal(args: list[str]) -> tuple[int, list[str]]:
    """Take `-9`, `-KILL` or `-s KILL` off the front, and a `--` behind it."""
    rest = list(args)
    word = "TERM"
    if rest[:1] == ["-s"] and len(rest) > 1:
        word, rest = rest[1], rest[2:]
    elif rest and re.match(r"-(\d+|(SIG)?[A-Z][A-Z0-9]+)\Z", rest[0]):
        word, rest = rest[0][1:], rest[1:]
    number = signal_number(word)
    if number is None:
        raise AppletError(f"bad signal '{word}'")
    return number, rest[1:] if rest[:1] == ["--"] else rest
