"""`sh` as a program: its options, its scripts and its life from start to end."""

from devices.virtual.userspace.shell.builtins.options import take_options
from devices.virtual.userspace.shell.descriptors import Descriptors, OpenFile, StreamFile
from devices.virtual.userspace.shell.errors import Refusal
from devices.virtual.userspace.shell.interactive import converse
from devices.virtual.userspace.shell.interpreter import Interpreter
from devices.virtual.userspace.shell.shell import Shell
from devices.virtual.userspace.shell.variables import Variable
from devices.virtual.userspace.system import Invocation

_NOT_FOUND = 127
_DEFAULTS = {
    "IFS": " \t\n",
    "KSH_VERSION": "@(#)MIRBSD KSH R59 2020/10/31 Android",
    "OPTIND": "1",
    "PATHSEP": ":",
    "PS2": "> ",
    "PS4": "+ ",
}


async def sh(invocation: Invocation) -> int:
    """Run `sh -c command`, `sh script`, or commands from standard input."""
    shell = _new_shell(invocation)
    try:
        return await _run(shell, invocation, list(invocation.argv[1:]))
    finally:
        shell.descriptors.close_all()


def _new_shell(invocation: Invocation) -> Shell:
    process = invocation.process
    shell = Shell(
        system=invocation.system,
        process=process,
        descriptors=_descriptors(invocation),
        name=invocation.argv[0],
        cwd=invocation.cwd,
        shell_pid=process.pid,
    )
    process.holds_stream = shell.descriptors.holds_stream
    for name, value in _DEFAULTS.items():
        shell.variables.declare(name, Variable(value))
    for name, value in invocation.env.items():
        shell.variables.declare(name, Variable(value, is_exported=True))
    shell.variables.declare("PWD", Variable(invocation.cwd))
    return shell


def _descriptors(invocation: Invocation) -> Descriptors:
    kind = StreamFile if invocation.process.holds_stream() else OpenFile
    table = Descriptors()
    table.put(0, kind(invocation.stdin, None))
    table.put(1, kind(None, invocation.stdout))
    table.put(2, kind(None, invocation.stderr))
    return table


async def _run(shell: Shell, invocation: Invocation, args: list[str]) -> int:
    interpreter = Interpreter(shell)
    try:
        command, rest = _options(shell, args)
    except Refusal as refusal:
        await shell.complain(str(refusal))
        return 1
    if command is not None:
        shell.name = rest[0] if rest else shell.name
        shell.arguments = rest[1:]
        return await interpreter.to_the_end(lambda: interpreter.run_text(command))
    if rest:
        return await _run_file(interpreter, rest)
    return await interpreter.to_the_end(lambda: converse(interpreter, invocation.stdin))


def _options(shell: Shell, args: list[str]) -> tuple[str | None, list[str]]:
    """Take options off the front; return the text behind -c and what is left."""
    letters = ""
    for word in args:
        if len(word) < 2 or word[0] not in "-+" or word == "--":
            break
        letters += word[1:]
    shell.is_interactive = shell.is_interactive or "i" in letters
    rest = take_options(shell, args, others="cilps") or []
    if "c" not in letters:
        return None, rest
    if not rest:
        raise Refusal("-c: requires argument")
    return rest[0], rest[1:]


async def _run_file(interpreter: Interpreter, rest: list[str]) -> int:
    shell = interpreter.shell
    try:
        data = shell.system.files.read(shell.absolute(rest[0]))
    except OSError as error:
        await shell.complain(f"{rest[0]}: {error.strerror}")
        return _NOT_FOUND
    shell.name = shell.script = rest[0]
    shell.arguments = rest[1:]
    text = data.decode("utf-8", "surrogateescape")
    return await interpreter.to_the_end(lambda: interpreter.run_text(text))
