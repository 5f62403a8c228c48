"""jobs, wait, kill, times, fg and bg."""

import signal

from devices.clock import HOST
from devices.virtual.userspace.shell.errors import Refusal
from devices.virtual.userspace.shell.jobs import Job
from devices.virtual.userspace.shell.shell import Shell
from devices.virtual.userspace.shell.traps import signal_name, signal_number

_NOT_FOUND = 127
_USAGE = (
    "usage:\tkill [-s signame | -signum | -signame] { job | pid | pgrp } ...\n"
    "\tkill -l [exit_status ...]\n"
)


async def jobs(shell: Shell, _args: list[str]) -> int:
    """List background jobs; those that have ended are listed once."""
    for job in list(shell.jobs.all):
        mark = "+" if job is shell.jobs.all[-1] else " "
        state = "Running" if job.is_running else "Done"
        await shell.write(f"[{job.number}] {mark} {state:<20} {job.text}\n")
        if not job.is_running:
            shell.jobs.forget(job)
    return 0


async def wait(shell: Shell, args: list[str]) -> int:
    """Wait for all jobs, or for those named; the status is the last named one's."""
    if not args:
        for job in list(shell.jobs.all):
            await _finish(shell, job)
        return 0
    status = 0
    for word in args:
        named = shell.jobs.find(word)
        status = await _finish(shell, named) if named else _NOT_FOUND
    return status


async def kill(shell: Shell, args: list[str]) -> int:
    """Send a signal to processes or jobs."""
    if not args:
        await shell.write(_USAGE, 2)
        return 1
    if args[0] == "-l":
        return await _list_signals(shell, args[1:])
    number, targets = _signal(args)
    status = 0
    for word in targets:
        complaint = _send(shell, word, number)
        if complaint:
            await shell.complain(f"kill: {complaint}")
            status = 1
    await HOST.wait_async(0)  # whoever was killed, perhaps this shell itself, ends first
    return status


async def times(shell: Shell, _args: list[str]) -> int:
    """Print processor times, which programs of a virtual phone do not take."""
    await shell.write("0m00.00s 0m00.00s\n0m00.00s 0m00.00s\n")
    return 0


async def resume(_shell: Shell, _args: list[str]) -> int:
    """Refuse fg and bg: without a terminal there is no job control."""
    raise Refusal("job control not enabled")


async def _finish(shell: Shell, job: Job) -> int:
    status = await shell.system.processes.wait(job.process)
    shell.jobs.forget(job)
    return status


def _signal(args: list[str]) -> tuple[int, list[str]]:
    """Return the signal that the options name and the targets."""
    word, targets = "TERM", args
    if args[0] == "-s" and len(args) > 1:
        word, targets = args[1], args[2:]
    elif args[0] == "--":
        targets = args[1:]
    elif args[0].startswith("-") and len(args[0]) > 1:
        word, targets = args[0][1:], args[1:]
    if targets[:1] == ["--"]:
        targets = targets[1:]
    number = signal_number(word)
    if number is None:
        raise Refusal(f"bad signal: {word}")
    return number, targets


def _send(shell: Shell, word: str, number: int) -> str:
    """Send a signal and return a complaint, "" if there is none."""
    if word.startswith("%"):
        job = shell.jobs.find(word)
        found = [job.process] if job else []
    elif word.removeprefix("-").isdecimal() and word.isascii():
        found = shell.system.processes.targets(int(word))
    else:
        return f"{word}: arguments must be jobs or process IDs"
    if not found:
        return f"{word}: {'no such job' if word.startswith('%') else 'No such process'}"
    allowed = [process for process in found if shell.system.uid in (0, process.uid)]
    for process in allowed:
        process.send(number)
    return "" if allowed else f"{word}: Operation not permitted"


async def _list_signals(shell: Shell, words: list[str]) -> int:
    if not words:
        for item in signal.Signals:
            name = signal_name(int(item))
            await shell.write(f"{int(item):2} {name:>6} {signal.strsignal(item)}\n")
        return 0
    for word in words:
        if not (word.isdecimal() and word.isascii()):
            raise Refusal(f"bad number: {word}")
        await shell.write(f"{signal_name(int(word) % 128)}\n")
    return 0
