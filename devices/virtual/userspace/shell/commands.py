"""Runs simple commands: assignments, functions, builtins and programs."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from devices.clock import HOST
from devices.virtual.userspace.execution import CannotExecute, Executable, find
from devices.virtual.userspace.processes import Process, ProcessLimit
from devices.virtual.userspace.shell.builtins.table import BUILTINS
from devices.virtual.userspace.shell.descriptors import Descriptors, Saved
from devices.virtual.userspace.shell.errors import ExitJump, Refusal, ReturnJump, ShellError
from devices.virtual.userspace.shell.expansion import Expander
from devices.virtual.userspace.shell.names import DECLARING, SPECIAL
from devices.virtual.userspace.shell.redirection import RedirectionFailed, Redirector
from devices.virtual.userspace.shell.shell import Shell
from devices.virtual.userspace.shell.syntax import (
    Assignment,
    Command,
    Literal,
    Redirect,
    Simple,
    Word,
)
from devices.virtual.userspace.shell.tracing import trace_assignments, trace_command
from devices.virtual.userspace.shell.traps import report
from devices.virtual.userspace.streams import ByteWriter
from devices.virtual.userspace.system import Invocation

MAX_CALLS = 200  # functions in functions, a security limit
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\+?=")
Execute = Callable[[Command], Awaitable[int]]


class CommandRunner:
    """Runs the simple commands of one shell."""

    def __init__(
        self, shell: Shell, expander: Expander, redirector: Redirector, execute: Execute
    ) -> None:
        self._shell = shell
        self._expander = expander
        self._redirector = redirector
        self._execute = execute

    async def run(self, node: Simple, *, becomes: bool = False) -> int:
        """Run one command; with `becomes` this process turns into the program."""
        shell = self._shell
        shell.line = node.line
        shell.substituted = 0
        words = await self._words(node.words)
        if "xtrace" in shell.options:
            await trace_command(shell, words, node.redirects)
        if words and words[0] in shell.functions and words[0] not in SPECIAL:
            return await self.redirected(node.redirects, lambda: self._function(words, node))
        if words and words[0] in BUILTINS:
            return await self.redirected(
                node.redirects,
                lambda: self._builtin(words, node),
                is_special=words[0] in SPECIAL,
            )
        if not words:
            return await self.redirected(node.redirects, lambda: self._only_assign(node))
        env = await self._environment(node.assignments)
        return await self._program(words, env, node.redirects, becomes=becomes)

    async def run_words(self, words: Sequence[str], *, skips_functions: bool = False) -> int:
        """Run a command that is expanded already, as `command` and `builtin` do."""
        node = Simple((), (), (), self._shell.line)
        if words[0] in self._shell.functions and not skips_functions:
            return await self._function(words, node)
        if words[0] in BUILTINS:
            return await self._builtin(words, node)
        return await self._program(words, self._shell.variables.exported(), ())

    async def replace_by(self, words: Sequence[str]) -> int:
        """Become another program: nothing of the shell is left behind it."""
        env = self._shell.variables.exported()
        raise ExitJump(await self._program(words, env, (), becomes=True))

    # --- words and assignments -----------------------------------------------------------

    async def _words(self, words: tuple[Word, ...]) -> list[str]:
        if not words or words[0].plain not in DECLARING:
            return await self._expander.fields(words)
        result = []
        for word in words:
            # `export x=$y` assigns: the value is not split.
            if _is_assignment(word):
                result.append(await self._expander.text(word, is_assigned=True))
            else:
                result.extend(await self._expander.fields((word,)))
        return result

    async def _only_assign(self, node: Simple) -> int:
        await self._assign(node.assignments)
        return self._shell.substituted

    async def _assign(self, assignments: tuple[Assignment, ...]) -> None:
        for assignment in assignments:
            await self._assign_one(assignment)
        if assignments and "xtrace" in self._shell.options:
            await trace_assignments(self._shell, assignments)

    async def _assign_one(self, assignment: Assignment) -> None:
        variables = self._shell.variables
        name = assignment.name
        if isinstance(assignment.value, tuple):
            await self._assign_array(assignment, assignment.value)
            return
        value = await self._expander.text(assignment.value, is_assigned=True)
        index = await self._expander.number(assignment.index) if assignment.index else None
        if assignment.is_appending:
            value = (variables.find(name).element(index or 0) or "") + value
        variables.set(name, value, index)

    async def _assign_array(self, assignment: Assignment, words: tuple[Word, ...]) -> None:
        variables = self._shell.variables
        values = await self._expander.fields(words)
        old = variables.find(assignment.name).values() if assignment.is_appending else []
        variables.set_array(assignment.name, dict(enumerate([*old, *values])))

    async def _environment(self, assignments: tuple[Assignment, ...]) -> dict[str, str]:
        """Return what a program sees: exported variables and those in front of its name."""
        variables = self._shell.variables
        before = variables.snapshot(assignment.name for assignment in assignments)
        await self._assign(assignments)
        env = variables.exported()
        env.update({name: variables.get(name) or "" for name in before})
        variables.reinstate(before)
        return env

    # --- functions and builtins ----------------------------------------------------------

    async def redirected(
        self,
        redirects: tuple[Redirect, ...],
        run: Callable[[], Awaitable[int]],
        *,
        is_special: bool = False,
    ) -> int:
        """Run something in this shell with redirections that end with it."""
        if not redirects:
            return await run()
        shell = self._shell
        saved: Saved = {}
        try:
            await self._redirector.apply(redirects, shell.descriptors, saved)
            status = await run()
        except RedirectionFailed as error:
            shell.descriptors.restore(saved)
            await shell.complain(str(error))
            if is_special:
                raise ShellError("redirection failure") from None
            return error.status
        except ShellError as error:
            await report(shell, error)  # while stderr is still where it was sent
            shell.descriptors.restore(saved)
            raise
        except BaseException:
            shell.descriptors.restore(saved)
            raise
        if shell.keeps_redirections:
            shell.keeps_redirections = False
            shell.descriptors.drop(saved)
        else:
            shell.descriptors.restore(saved)
        return status

    async def _builtin(self, words: Sequence[str], node: Simple) -> int:
        name = words[0]
        before = self._shell.variables.snapshot(
            () if name in SPECIAL else (assignment.name for assignment in node.assignments)
        )
        await self._assign(node.assignments)
        if name == "exec":
            self._export(node.assignments)
        try:
            return await BUILTINS[name](self._shell, list(words[1:]))
        except Refusal as refusal:
            await self._shell.complain(f"{name}: {refusal}")
            if name in SPECIAL:
                raise ExitJump(refusal.status) from None
            return refusal.status
        except BrokenPipeError:
            raise
        except OSError as error:
            await self._shell.complain(f"{name}: write: {error.strerror}")
            return 1
        finally:
            self._shell.variables.reinstate(before)

    def _export(self, assignments: tuple[Assignment, ...]) -> None:
        variables = self._shell.variables
        for assignment in assignments:
            old = variables.find(assignment.name)
            variables.declare(assignment.name, replace(old, is_exported=True))

    async def _function(self, words: Sequence[str], node: Simple) -> int:
        shell = self._shell
        function = shell.functions[words[0]]
        if shell.calls >= MAX_CALLS:
            raise ShellError(f"{words[0]}: more than {MAX_CALLS} functions in functions")
        before = shell.variables.snapshot(assignment.name for assignment in node.assignments)
        await self._assign(node.assignments)
        outer = (shell.arguments, shell.loops, shell.name)
        shell.arguments, shell.loops = list(words[1:]), 0
        shell.name = words[0] if function.is_ksh else shell.name
        shell.calls += 1
        shell.variables.push_scope()
        await HOST.wait_async(0)  # endless recursion must not starve the phone
        try:
            return await self._execute(function.body)
        except ReturnJump as jump:
            return jump.status
        finally:
            shell.variables.pop_scope()
            shell.calls -= 1
            shell.arguments, shell.loops, shell.name = outer
            shell.variables.reinstate(before)

    # --- programs ------------------------------------------------------------------------

    async def _program(
        self,
        words: Sequence[str],
        env: dict[str, str],
        redirects: tuple[Redirect, ...],
        *,
        becomes: bool = False,
    ) -> int:
        table = self._shell.descriptors.copy()
        try:
            await self._redirector.apply(redirects, table)
            found = find(self._shell.system, words[0], self._search_path(env), self._shell.cwd)
        except (CannotExecute, RedirectionFailed) as error:
            is_redirection = isinstance(error, RedirectionFailed)
            writer = (self._shell.descriptors if is_redirection else table).writer(2)
            await _report(writer, f"{self._shell.prefix}{error}\n")
            table.close_all()
            return error.status
        if becomes:
            return await self._become(found, words, env, table)
        return await self._run_child(found, words, env, table)

    def _search_path(self, env: dict[str, str]) -> str:
        return env.get("PATH") or self._shell.variables.get("PATH") or ""

    async def _run_child(
        self, found: Executable, words: Sequence[str], env: dict[str, str], table: Descriptors
    ) -> int:
        shell = self._shell
        processes = shell.system.processes
        argv = found.argv(words)
        try:
            process = processes.add(argv, parent=shell.process, uid=shell.system.uid)
        except ProcessLimit:
            table.close_all()
            raise ShellError("can't fork - try again") from None
        process.holds_stream = table.holds_stream
        invocation = self._invocation(argv, env, table, process)
        processes.start(process, found.program(invocation), table.close_all)
        return await processes.wait(process)

    async def _become(
        self, found: Executable, words: Sequence[str], env: dict[str, str], table: Descriptors
    ) -> int:
        process = self._shell.process
        process.argv = found.argv(words)
        process.holds_stream = table.holds_stream
        try:
            return await found.program(self._invocation(process.argv, env, table, process))
        finally:
            table.close_all()

    def _invocation(
        self, argv: tuple[str, ...], env: dict[str, str], table: Descriptors, process: Process
    ) -> Invocation:
        shell = self._shell
        streams = (table.reader(0), table.writer(1), table.writer(2))
        return Invocation(argv, env, shell.cwd, *streams, shell.system, process)


def _is_assignment(word: Word) -> bool:
    first = word.parts[0] if word.parts else None
    return isinstance(first, Literal) and bool(_ASSIGNMENT.match(first.text))


async def _report(stderr: ByteWriter, text: str) -> None:
    try:
        await stderr.write(text.encode("utf-8", "surrogateescape"))
    except OSError:
        return
