"""Programs that start other programs: nohup, setsid, nice, taskset, env, busybox, toybox."""

import re
import signal
from collections.abc import Mapping
from dataclasses import replace

from devices.virtual.userspace.applets.call import AppletError, Call, program
from devices.virtual.userspace.execution import run_child
from devices.virtual.userspace.system import Program

_VARIABLE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)\Z", re.S)
_NOT_FOUND = 127


async def nohup(call: Call) -> int:
    """Run a command that a hang-up does not end."""
    if not call.args:
        raise AppletError('Need 1 argument (see "nohup --help")')
    call.invocation.process.ignored.add(signal.SIGHUP)
    return await run_child(call.invocation, call.args)


async def setsid(call: Call) -> int:
    """Run a command in a session of its own."""
    options = call.options("cdw", stops=True)
    if not options.operands:
        raise AppletError('Need 1 argument (see "setsid --help")')
    process = call.invocation.process
    process.is_session_leader = True
    process.group = process.pid
    return await run_child(call.invocation, options.operands)


async def nice(call: Call) -> int:
    """Run a command with another priority, which the table shows."""
    options = call.options("n:", stops=True)
    if not options.operands:
        raise AppletError('Need 1 argument (see "nice --help")')
    step = options.value("n") or "10"
    if not step.lstrip("+-").isdecimal():
        raise AppletError(f"not integer: {step}")
    process = call.invocation.process
    process.nice = max(-20, min(19, process.nice + int(step)))
    return await run_child(call.invocation, options.operands)


async def taskset(call: Call) -> int:
    """Run a command on some CPUs, or with -p show and set those of a process."""
    options = call.options("apc", stops=True)
    words = list(options.operands)
    if "p" in options:
        return await _affinity(call, words)
    if len(words) < 2:
        raise AppletError('Need 2 arguments (see "taskset --help")')
    call.invocation.process.affinity = _mask(words[0])
    return await run_child(call.invocation, words[1:])


async def _affinity(call: Call, words: list[str]) -> int:
    if not words or not words[-1].isdecimal():
        raise AppletError('Need 1 argument (see "taskset --help")')
    process = call.system.processes.get(int(words[-1]))
    if process is None:
        raise AppletError(f"can't get pid {words[-1]} affinity: No such process")
    every = (1 << call.system.cpu_count) - 1
    mask = every if process.affinity is None else process.affinity
    await call.write(f"pid {process.pid}'s current affinity mask: {mask:x}\n")
    if len(words) > 1:
        process.affinity = _mask(words[0])
        await call.write(f"pid {process.pid}'s new affinity mask: {process.affinity:x}\n")
    return 0


def _mask(text: str) -> int:
    try:
        mask = int(text, 16)
    except ValueError:
        raise AppletError(f"bad mask '{text}'") from None
    if mask <= 0:
        raise AppletError(f"bad mask '{text}'")
    return mask


async def env(call: Call) -> int:
    """Run a command with another environment, or print it."""
    options = call.options("iu:0", stops=True)
    environment = {} if "i" in options else dict(call.invocation.env)
    for name in options.values("u"):
        environment.pop(name, None)
    words = list(options.operands)
    while words and (match := _VARIABLE.match(words[0])):
        environment[match[1]] = match[2]
        words.pop(0)
    if words:
        return await run_child(call.invocation, words, environment)
    end = "\0" if "0" in options else "\n"
    await call.write("".join(f"{name}={value}{end}" for name, value in environment.items()))
    return 0


async def printenv(call: Call) -> int:
    """Print variables of the environment."""
    environment = call.invocation.env
    if not call.args:
        await call.write("".join(f"{name}={value}\n" for name, value in environment.items()))
        return 0
    missing = 0
    for name in call.args:
        if name in environment:
            await call.write(f"{environment[name]}\n")
        else:
            missing = 1
    return missing


def multicall(programs: Mapping[str, Program]) -> Program:
    """Return busybox or toybox: the first argument picks one of `programs`."""

    async def run(call: Call) -> int:
        invocation = call.invocation
        words = invocation.argv[1:]
        if not words or words[0] in ("--list", "--help"):
            separator = "\n" if words else " "
            await call.write(separator.join(sorted(programs)) + "\n")
            return 0
        chosen = programs.get(words[0])
        if chosen is None:
            text = f"{call.name}: {words[0]}: applet not found\n"
            await invocation.stderr.write(text.encode("utf-8", "surrogateescape"))
            return _NOT_FOUND
        return await chosen(replace(invocation, argv=words))

    return program(run)


async def which(call: Call) -> int:
    """Print where programs are found."""
    options = call.options("a")
    status = 0
    for name in options.operands:
        found = False
        for directory in call.invocation.env.get("PATH", "").split(":"):
            path = name if "/" in name else f"{directory}/{name}"
            files = call.system.files
            if files.may(call.path(path), 1) and not files.is_dir(call.path(path)):
                await call.write(f"{path}\n")
                found = True
                break
        status = status if found else 1
    return status
