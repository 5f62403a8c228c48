"""sleep, usleep, timeout, date and uptime, all on the phone's clock."""

import asyncio
import re
import signal
from datetime import UTC, datetime

from devices.virtual.userspace.applets.call import AppletError, Call
from devices.virtual.userspace.execution import CannotExecute, find, spawn
from devices.virtual.userspace.shell.traps import signal_number

_NS_PER_S = 1_000_000_000
_DURATION = re.compile(r"(\d*\.?\d+|\d+\.)([smhd]?)\Z")
_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_TIMED_OUT = 124


async def sleep(call: Call) -> None:
    """Wait; several durations add up."""
    words = call.args
    if not words:
        raise AppletError('Need 1 argument (see "sleep --help")')
    await call.system.clock.wait_async(sum(_seconds(word) for word in words))


async def usleep(call: Call) -> None:
    """Wait for microseconds."""
    if len(call.args) != 1 or not call.args[0].isdecimal():
        raise AppletError('Need 1 argument (see "usleep --help")')
    await call.system.clock.wait_async(int(call.args[0]) / 1e6)


async def timeout(call: Call) -> int:
    """Run a command and end it after a while."""
    options = call.options("s:k:vi", stops=True)
    if len(options.operands) < 2:
        raise AppletError('Need 2 arguments (see "timeout --help")')
    duration, *words = options.operands
    number = signal_number(options.value("s") or "TERM")
    if number is None:
        raise AppletError(f"bad -s: '{options.value('s')}'")
    invocation = call.invocation
    try:
        found = find(call.system, words[0], invocation.env.get("PATH", ""), invocation.cwd)
    except CannotExecute as error:
        raise AppletError(f"exec {words[0]}: {error}", error.status) from None
    process = spawn(invocation, found, words, invocation.env)
    ended = asyncio.create_task(call.system.processes.wait(process))
    timer = asyncio.create_task(_ticks(call, _seconds(duration)))
    try:
        await asyncio.wait((ended, timer), return_when=asyncio.FIRST_COMPLETED)
        if ended.done():
            return ended.result()
        process.send(number)
        if "k" in options:
            await call.system.clock.wait_async(_seconds(options.value("k") or "0"))
            process.send(signal.SIGKILL)
        await ended
        return _TIMED_OUT
    finally:
        timer.cancel()
        ended.cancel()


async def _ticks(call: Call, seconds: float) -> None:
    await call.system.clock.wait_async(seconds)


async def date(call: Call) -> None:
    """Print the phone's time of day; it cannot be set here."""
    options = call.options("uD:d:r:I:s:")
    seconds = float(call.system.clock.wall_s())
    given = options.value("d")
    if given is not None:
        if not re.match(r"@\d+\Z", given):
            raise AppletError(f"bad date '{given}'")
        seconds = float(given[1:])
    template = next((word[1:] for word in options.operands if word.startswith("+")), None)
    if template is None:
        if options.operands:
            raise AppletError("cannot set date: Operation not permitted")
        template = "%a %b %e %H:%M:%S %Z %Y"
    await call.write(_formatted(template, seconds, call) + "\n")


def _formatted(template: str, seconds: float, call: Call) -> str:
    time = datetime.fromtimestamp(seconds, UTC)
    nanoseconds = f"{call.system.clock.now_ns() % _NS_PER_S:09d}"
    template = template.replace("%N", nanoseconds).replace("%s", str(int(seconds)))
    template = template.replace("%Z", "GMT").replace("%z", "+0000")
    return time.strftime(template)


async def uptime(call: Call) -> None:
    """Print how long the phone has been up."""
    seconds = call.system.clock.now_ns() // _NS_PER_S
    if "-s" in call.args:
        started = datetime.fromtimestamp(call.system.clock.wall_s() - seconds, UTC)
        await call.write(started.strftime("%Y-%m-%d %H:%M:%S\n"))
        return
    now = datetime.fromtimestamp(call.system.clock.wall_s(), UTC).strftime("%H:%M:%S")
    days, rest = divmod(seconds, 86400)
    up = f"{days} days, " if days else ""
    up += f"{rest // 3600:2d}:{rest // 60 % 60:02d}" if rest >= 3600 else f"{rest // 60} min"
    load = call.system.root_files.read("/proc/loadavg").decode().split()[:3]
    await call.write(f" {now} up {up},  0 users,  load average: {', '.join(load)}\n")


def _seconds(word: str) -> float:
    match = _DURATION.match(word)
    if not match:
        raise AppletError(
            f"bad time '{word}'" if word[:1].isdecimal() else f"not a number '{word}'"
        )
    return float(match[1]) * _UNITS[match[2]]
