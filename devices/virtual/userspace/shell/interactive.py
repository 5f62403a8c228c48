"""A shell that reads its commands from standard input, line by line as they come."""

from devices.virtual.userspace.shell.errors import ShellError
from devices.virtual.userspace.shell.interpreter import Interpreter
from devices.virtual.userspace.shell.parser import parse
from devices.virtual.userspace.shell.traps import report
from devices.virtual.userspace.streams import ByteReader

MAX_COMMAND = 16 * 1024  # [characters] of one command over many lines, a security limit
_UNFINISHED = ("unmatched", "no closing quote", "unclosed", "unexpected EOF")


async def converse(interpreter: Interpreter, stdin: ByteReader) -> int:
    """Run one complete command after the other until the input ends or `exit`.

    With a person at the other end there are prompts, and an error ends only its command.
    """
    shell = interpreter.shell
    text = ""
    await _prompt(interpreter, text)
    while line := await stdin.readline():
        text += line.decode("utf-8", "surrogateescape")
        if len(text) > MAX_COMMAND or not _is_unfinished(text):
            if text.strip():
                await _run(interpreter, text)
            text = ""
        await _prompt(interpreter, text)
    if text:
        await _run(interpreter, text)
    return shell.status


async def _run(interpreter: Interpreter, text: str) -> None:
    try:
        await interpreter.run_text(text)
    except ShellError as error:
        if not interpreter.shell.is_interactive:
            raise
        await report(interpreter.shell, error)
        interpreter.shell.status = error.status


async def _prompt(interpreter: Interpreter, text: str) -> None:
    """Show where one is, or that more is needed."""
    shell = interpreter.shell
    if not shell.is_interactive:
        return
    host = shell.system.properties.get("ro.product.device") or "android"
    mark = "#" if shell.system.uid == 0 else "$"
    await shell.write("> " if text else f"{host}:{shell.cwd} {mark} ", 2)


def _is_unfinished(text: str) -> bool:
    error = parse(text).error
    return error is not None and any(words in error for words in _UNFINISHED)
