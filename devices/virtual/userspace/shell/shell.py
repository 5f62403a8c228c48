"""The state of one shell: what a subshell copies and a program never sees."""

import errno
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from devices.virtual.userspace.processes import Process
from devices.virtual.userspace.shell.descriptors import Descriptors
from devices.virtual.userspace.shell.globbing import absolute
from devices.virtual.userspace.shell.jobs import Jobs
from devices.virtual.userspace.shell.syntax import Function
from devices.virtual.userspace.shell.variables import Variables
from devices.virtual.userspace.system import System


class Runner(Protocol):
    """What builtins ask of the interpreter."""

    async def run_text(self, text: str) -> int:
        """Parse and run a script in this shell."""

    async def run_words(self, words: Sequence[str], *, skips_functions: bool = False) -> int:
        """Run a command that is expanded already."""

    def number(self, expression: str) -> int:
        """Evaluate an arithmetic expression with this shell's variables."""

    async def replace_by(self, words: Sequence[str]) -> int:
        """Become another program, as `exec` does."""


@dataclass
class Shell:
    """Everything that `( … )` inherits and cannot change for its parent."""

    system: System
    process: Process
    descriptors: Descriptors
    name: str  # $0, which error messages begin with
    cwd: str = "/"
    variables: Variables = field(default_factory=Variables)
    functions: dict[str, Function] = field(default_factory=dict)
    arguments: list[str] = field(default_factory=list)  # $1, $2 …
    options: set[str] = field(default_factory=set)
    traps: dict[str, str] = field(default_factory=dict)
    jobs: Jobs = field(default_factory=Jobs)
    status: int = 0  # $?
    last_background: int | None = None  # $!
    loops: int = 0  # how many loops a `break` could leave
    sourced: int = 0  # how many functions and files a `return` could leave
    depth: int = 0  # of commands in commands
    tested: int = 0  # above 0, `set -e` looks away
    line: int = 1
    script: str | None = None  # the file that is run, named in error messages
    umask: int = 0o022
    is_interactive: bool = False
    pending_signals: list[str] = field(default_factory=list)
    runner: Runner = field(init=False, repr=False)
    shell_pid: int = 0  # $$, the same in subshells
    substituted: int = 0  # the status of the last `$(…)` of this command
    calls: int = 0  # functions in functions
    keeps_redirections: bool = False  # `exec` asks that its redirections stay
    option_index: int = 0  # where getopts stands inside a word
    option_word: str = "1"  # the OPTIND that getopts left behind

    def fork(self, process: Process) -> "Shell":
        """Return the state of a subshell; the caller closes its descriptors."""
        return Shell(
            system=self.system,
            process=process,
            descriptors=self.descriptors.copy(),
            name=self.name,
            cwd=self.cwd,
            variables=self.variables.copy(),
            functions=dict(self.functions),
            arguments=list(self.arguments),
            options=set(self.options),
            status=self.status,
            last_background=self.last_background,
            depth=self.depth,
            loops=0,
            sourced=self.sourced,
            calls=self.calls,
            tested=self.tested,
            line=self.line,
            script=self.script,
            umask=self.umask,
            shell_pid=self.shell_pid,
        )

    @property
    def prefix(self) -> str:
        """What error messages begin with; in a script with the number of the line."""
        return f"{self.script}[{self.line}]: " if self.script else f"{self.name}: "

    async def write(self, text: str, descriptor: int = 1) -> None:
        """Write to a descriptor; OSError as write(2) gives it."""
        file = self.descriptors.get(descriptor)
        if file is None or file.writer is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        await file.writer.write(text.encode("utf-8", "surrogateescape"))

    async def complain(self, message: str) -> None:
        """Write an error message; a broken stderr cannot be complained about."""
        try:
            await self.write(f"{self.prefix}{message}\n", 2)
        except OSError:
            return

    def absolute(self, path: str) -> str:
        """Return `path` seen from the current directory."""
        return absolute(path, self.cwd)
