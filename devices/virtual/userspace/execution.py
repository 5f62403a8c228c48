"""Finds and runs programs: names along PATH, scripts by their first line, ELF files not at all."""

import os
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from devices.virtual.userspace.files import FileTree
from devices.virtual.userspace.processes import Process
from devices.virtual.userspace.system import ENVIRONMENT, Invocation, Program, System

BINARIES = "/system/bin"
ELF_MAGIC = b"\x7fELF"
_BUSYBOX_MARK = b"BusyBox v"
_MAX_INTERPRETERS = 4  # as Linux follows `#!` lines
_NOT_FOUND, _NOT_EXECUTABLE = 127, 126
_ANY_X = 0o111


class CannotExecute(Exception):
    """A command that is no program; `status` is what the shell makes of it."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Executable:
    """A program and what stands in front of its arguments."""

    path: str
    program: Program
    head: tuple[str, ...] = ()  # interpreter, its argument and the script's path

    def argv(self, words: Sequence[str]) -> tuple[str, ...]:
        """Return the arguments of `words` run by this."""
        return (*self.head, *words[1:]) if self.head else tuple(words)


def find(system: System, name: str, search_path: str, cwd: str) -> Executable:
    """Return what runs as `name`.

    Raises:
        CannotExecute: in mksh's words.
    """
    if not name:  # every directory of PATH is itself what is asked for
        raise CannotExecute(": can't execute: Is a directory", _NOT_EXECUTABLE)
    if "/" in name:
        return _at(system, name, posixpath.join(cwd, name))
    refusal: CannotExecute | None = None
    for directory in search_path.split(":"):
        path = posixpath.join(cwd, directory, name)
        if not system.files.exists(path) or system.files.is_dir(path):
            continue
        try:
            return _at(system, name, path)
        except CannotExecute as error:
            refusal = error
    raise refusal or CannotExecute(f"{name}: inaccessible or not found", _NOT_FOUND)


def _at(system: System, name: str, path: str) -> Executable:
    files = system.files
    if not files.exists(path):
        raise CannotExecute(f"{name}: inaccessible or not found", _NOT_FOUND)
    if files.is_dir(path):
        raise CannotExecute(f"{name}: can't execute: Is a directory", _NOT_EXECUTABLE)
    if not may_execute(files, path):
        raise CannotExecute(f"{name}: can't execute: Permission denied", _NOT_EXECUTABLE)
    program = installed(system, path)
    return Executable(path, program) if program else _from_content(system, name, path)


def may_execute(files: FileTree, path: str) -> bool:
    """Say whether a file can be run: even root needs an x somewhere."""
    if not files.may(path, os.X_OK):
        return False
    return bool(files.stat(path).mode & _ANY_X)


def installed(system: System, path: str) -> Program | None:
    """Return the program of the phone itself that `path` leads to."""
    directory, _, name = system.files.resolve(path).rpartition("/")
    return system.programs.get(name) if directory == BINARIES else None


def _from_content(system: System, name: str, path: str) -> Executable:
    try:
        content = system.files.read(path)
    except OSError as error:
        raise CannotExecute(f"{name}: can't execute: {error.strerror}", _NOT_EXECUTABLE) from None
    if content.startswith(ELF_MAGIC):
        if _BUSYBOX_MARK in content or name.rpartition("/")[2] == "busybox":
            return Executable(path, system.programs["busybox"])
        bits = 64 if content[4:5] == b"\x02" else 32
        raise CannotExecute(f"{name}: not executable: {bits}-bit ELF file", _NOT_EXECUTABLE)
    if content.startswith(b"#!"):
        return _script(system, name, path, content)
    return Executable(path, system.programs["sh"], ("sh", name if "/" in name else path))


def _script(system: System, name: str, path: str, content: bytes, depth: int = 0) -> Executable:
    """Follow a first line `#!interpreter [argument]`."""
    line = content.partition(b"\n")[0][2:].decode("utf-8", "surrogateescape")
    interpreter, _, argument = line.strip().partition(" ")
    shown = name if "/" in name else path
    head = (interpreter, *([argument.strip()] if argument.strip() else []), shown)
    program = installed(system, interpreter) if system.files.exists(interpreter) else None
    if program is None and system.files.exists(interpreter) and depth < _MAX_INTERPRETERS:
        inner = system.files.read(interpreter)
        if inner.startswith(b"#!"):
            outer = _script(system, interpreter, interpreter, inner, depth + 1)
            return Executable(path, outer.program, (*outer.head, *head[1:]))
    if program is None:
        raise CannotExecute(f"{name}: inaccessible or not found", _NOT_FOUND)
    return Executable(path, program, head)


async def run_child(
    invocation: Invocation, words: Sequence[str], env: Mapping[str, str] | None = None
) -> int:
    """Run `words` as a child of a program, with its streams; complain as that program would."""
    system = invocation.system
    environment = invocation.env if env is None else env
    try:
        search_path = environment.get("PATH", ENVIRONMENT["PATH"])
        found = find(system, words[0], search_path, invocation.cwd)
    except CannotExecute as error:
        await invocation.stderr.write(f"{invocation.argv[0]}: {error}\n".encode())
        return error.status
    process = spawn(invocation, found, words, environment)
    return await system.processes.wait(process)


def spawn(
    invocation: Invocation, found: Executable, words: Sequence[str], env: Mapping[str, str]
) -> Process:
    """Start a child of a program and return it without waiting."""
    system = invocation.system
    argv = found.argv(words)
    process = system.processes.add(argv, parent=invocation.process, uid=system.uid)
    process.holds_stream = invocation.process.holds_stream
    child = Invocation(
        argv,
        env,
        invocation.cwd,
        invocation.stdin,
        invocation.stdout,
        invocation.stderr,
        system,
        process,
    )
    system.processes.start(process, found.program(child))
    return process
