"""A shell that reads its commands line by line, with a prompt."""

from devices.virtual.userspace.shell.errors import ShellError
from devices.virtual.userspace.shell.interpreter import Interpreter
from devices.virtual.userspace.shell.parser import parse
from devices.virtual.userspace.shell.traps import report
from devices.virtual.userspace.streams import ByteReader

_UNFINISHED = ("unmatched", "no closing quote", "unclosed", "unexpected EOF")


async def converse(interpreter: Interpreter, stdin: ByteReader) -> int:
    """Run one complete command after the other until the input ends or `exit`."""
    shell = interpreter.shell
    text = ""
    await _prompt(interpreter, text)
    while line := await stdin.readline():
        text += line.decode("utf-8", "surrogateescape")
        if not _is_unfinished(text):
            await _run(interpreter, text)
            text = ""
        await _prompt(interpreter, text)
    return shell.status


async def _run(interpreter: Interpreter, text: str) -> None:
    try:
        await interpreter.run_text(text)
    except ShellError as error:
        await report(interpreter.shell, error)
        interpreter.shell.status = error.status


async def _prompt(interpreter: Interpreter, text: str) -> None:
    """Show where one is, or that more is needed."""
    shell = interpreter.shell
    host = shell.system.properties.get("ro.product.device") or "android"
    mark = "#" if shell.system.uid == 0 else "$"
    await shell.write("> " if text else f"{host}:{shell.cwd} {mark} ", 2)


def _is_unfinished(text: str) -> bool:
    error = parse(text).error
    return error is not None and any(words in error for words in _UNFINISHED)
