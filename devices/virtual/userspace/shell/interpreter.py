"""Runs commands: one method per kind of command."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from devices.clock import HOST
from devices.virtual.userspace.shell.commands import CommandRunner
from devices.virtual.userspace.shell.conditional import holds
from devices.virtual.userspace.shell.errors import (
    BadNumber,
    BadValue,
    BreakLoop,
    ExitJump,
    LoopJump,
    ReturnJump,
    ShellError,
)
from devices.virtual.userspace.shell.expansion import Expander
from devices.virtual.userspace.shell.parameters import Parameters
from devices.virtual.userspace.shell.parser import parse
from devices.virtual.userspace.shell.redirection import Redirector
from devices.virtual.userspace.shell.shell import Shell
from devices.virtual.userspace.shell.subshells import Forks
from devices.virtual.userspace.shell.syntax import (
    AndOr,
    ArithmeticCommand,
    Background,
    Case,
    CaseItem,
    Command,
    For,
    Function,
    Group,
    If,
    Loop,
    Pipeline,
    Redirected,
    Simple,
    Subshell,
    Test,
    Timed,
)
from devices.virtual.userspace.shell.syntax import (
    Sequence as Commands,
)
from devices.virtual.userspace.shell.timing import timed
from devices.virtual.userspace.shell.traps import report, run_exit_trap, run_trap

MAX_DEPTH = 2_000  # commands in commands, functions included; a security limit
_PARSED_AT_ONCE = 16 * 1024  # [characters]
_FRESH_STACK_EVERY = 16  # levels: Python's own stack must not be the limit


class Interpreter:
    """Runs scripts in one shell."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self._parameters = Parameters(shell)
        self._forks = Forks(shell, lambda child, body: Interpreter(child).run_process(body))
        self._expander = Expander(self._parameters, self._forks.capture)
        self._redirector = Redirector(shell, self._expander)
        self._commands = CommandRunner(shell, self._expander, self._redirector, self.execute)
        shell.runner = self

    # --- what builtins ask for -----------------------------------------------------------

    async def run_text(self, text: str) -> int:
        """Parse and run a script in this shell, line by line."""
        # Parsing a very long script takes seconds, which other phones must not wait for.
        is_long = len(text) > _PARSED_AT_ONCE
        script = await asyncio.to_thread(parse, text) if is_long else parse(text)
        self.shell.status = 0 if not script.commands else self.shell.status
        for command in script.commands:
            await self.execute(command)
        if script.error is not None:
            raise ShellError(script.error)
        return self.shell.status

    async def run_words(self, words: Sequence[str], *, skips_functions: bool = False) -> int:
        """Run a command that is expanded already."""
        return await self._commands.run_words(words, skips_functions=skips_functions)

    async def replace_by(self, words: Sequence[str]) -> int:
        """Become another program, as `exec` does."""
        return await self._commands.replace_by(words)

    def number(self, expression: str) -> int:
        """Evaluate an arithmetic expression with this shell's variables."""
        return self._parameters.evaluate(expression)

    # --- whole processes -----------------------------------------------------------------

    async def run_process(self, body: Command) -> int:
        """Run the body of a subshell, to its end whatever happens."""
        if isinstance(body, Simple):
            return await self.to_the_end(lambda: self._commands.run(body, becomes=True))
        return await self.to_the_end(lambda: self.execute(body))

    async def to_the_end(self, run: Callable[[], Awaitable[int]]) -> int:
        """Run something as all that this shell does, then its EXIT trap; return the status."""
        shell = self.shell
        try:
            shell.status = await run()
        except (ExitJump, ReturnJump) as jump:
            shell.status = jump.status
        except LoopJump:
            shell.status = 0
        except ShellError as error:
            await report(shell, error)
            shell.status = error.status
        return await run_exit_trap(shell)

    # --- commands ------------------------------------------------------------------------

    async def execute(self, node: Command) -> int:
        """Run any command; its status is also `$?` afterwards."""
        shell = self.shell
        shell.depth += 1
        try:
            if shell.depth > MAX_DEPTH:
                raise ShellError(f"more than {MAX_DEPTH} commands in commands")
            run = _RUNNERS[type(node)]
            if shell.depth % _FRESH_STACK_EVERY:
                shell.status = await run(self, node)
            else:
                shell.status = await asyncio.create_task(run(self, node))
        finally:
            shell.depth -= 1
        if shell.pending_signals:
            await self._run_pending()
        return shell.status

    async def simple(self, node: Simple) -> int:
        """Run a simple command."""
        status = await self._commands.run(node)
        return await self._checked(status)

    async def pipeline(self, node: Pipeline) -> int:
        """Run `a | b`, or `! a`."""
        if not node.is_negated:
            return await self._checked(await self._forks.pipeline(node.stages))
        status = await self._tested(node.stages[0])
        return int(status == 0)

    async def timed(self, node: Timed) -> int:
        """Run `time a`."""
        return await timed(self.shell, node, self.execute)

    async def and_or(self, node: AndOr) -> int:
        """Run `a && b` or `a || b`."""
        status = await self._tested(node.left)
        if (status == 0) is (node.operator == "&&"):
            return await self.execute(node.right)
        return status

    async def background(self, node: Background) -> int:
        """Start `a &`."""
        return self._forks.background(node)

    async def commands(self, node: Commands) -> int:
        """Run commands one after the other."""
        self.shell.status = 0 if not node.commands else self.shell.status
        for command in node.commands:
            await self.execute(command)
        return self.shell.status

    async def subshell(self, node: Subshell) -> int:
        """Run `( a )`."""
        return await self._checked(await self._forks.subshell(node.body))

    async def group(self, node: Group) -> int:
        """Run `{ a; }`."""
        return await self.execute(node.body)

    async def choose(self, node: If) -> int:
        """Run `if`."""
        if await self._tested(node.condition) == 0:
            return await self.execute(node.body)
        return await self.execute(node.otherwise) if node.otherwise else 0

    async def loop(self, node: Loop) -> int:
        """Run `while` or `until`."""
        status = 0
        self.shell.loops += 1
        try:
            while (await self._tested(node.condition) == 0) is not node.is_until:
                try:
                    status = await self.execute(node.body)
                except LoopJump as jump:
                    status = 0
                    if self._leaves(jump):
                        break
                await HOST.wait_async(0)  # an endless loop must not starve the phone
        except LoopJump as jump:
            status = 0
            self._leaves(jump)
        finally:
            self.shell.loops -= 1
        return status

    async def repeat(self, node: For) -> int:
        """Run `for`."""
        shell = self.shell
        if node.words is None:
            words = list(shell.arguments)
        else:
            words = await self._expander.fields(node.words)
        status = 0
        shell.loops += 1
        try:
            for word in words:
                shell.variables.set(node.name, word)
                try:
                    status = await self.execute(node.body)
                except LoopJump as jump:
                    status = 0
                    if self._leaves(jump):
                        break
                await HOST.wait_async(0)
        finally:
            shell.loops -= 1
        return status

    async def case(self, node: Case) -> int:
        """Run `case`."""
        subject = await self._expander.text(node.subject)
        status = 0
        falls_through = False
        for item in node.items:
            if falls_through or await self._fits(subject, item):
                status = await self.execute(item.body)
                if item.ending == ";;":
                    break
                falls_through = item.ending == ";&"
        return status

    async def define(self, node: Function) -> int:
        """Define a function."""
        self.shell.functions[node.name] = node
        return 0

    async def arithmetic(self, node: ArithmeticCommand) -> int:
        """Run `(( a ))`: status 2 if it is no expression, which ends nothing."""
        try:
            value = await self._expander.number(node.expression)
        except BadValue:
            raise
        except ShellError as error:
            await self.shell.complain(str(error))
            return await self._checked(2)
        return await self._checked(int(value == 0))

    async def condition(self, node: Test) -> int:
        """Run `[[ a ]]`."""
        try:
            found = await holds(node.expression, self.shell, self._expander, self._parameters)
        except BadNumber as error:
            await self.shell.complain(str(error))
            return await self._checked(error.status)
        return await self._checked(int(not found))

    async def redirected(self, node: Redirected) -> int:
        """Run a compound command with redirections."""
        return await self._commands.redirected(node.redirects, lambda: self.execute(node.body))

    # --- parts ---------------------------------------------------------------------------

    async def _tested(self, node: Command) -> int:
        """Run a command whose failure `set -e` overlooks."""
        self.shell.tested += 1
        try:
            return await self.execute(node)
        finally:
            self.shell.tested -= 1

    async def _checked(self, status: int) -> int:
        """End the shell if `set -e` says so."""
        shell = self.shell
        if status and not shell.tested:
            shell.status = status
            if "ERR" in shell.traps:
                await run_trap(shell, "ERR")
            if "errexit" in shell.options:
                raise ExitJump(status)
        return status

    def _leaves(self, jump: LoopJump) -> bool:
        """Say whether `break` or `continue` ends this loop; raise it on for an outer one."""
        if jump.levels > 1:
            raise type(jump)(jump.levels - 1)
        return isinstance(jump, BreakLoop)

    async def _fits(self, subject: str, item: CaseItem) -> bool:
        for word in item.patterns:
            if (await self._expander.pattern(word)).matches(subject):
                return True
        return False

    async def _run_pending(self) -> None:
        shell = self.shell
        while shell.pending_signals:
            await run_trap(shell, shell.pending_signals.pop(0))


_RUNNERS: dict[type, Callable[[Interpreter, Any], Any]] = {
    AndOr: Interpreter.and_or,
    ArithmeticCommand: Interpreter.arithmetic,
    Background: Interpreter.background,
    Case: Interpreter.case,
    Commands: Interpreter.commands,
    For: Interpreter.repeat,
    Function: Interpreter.define,
    Group: Interpreter.group,
    If: Interpreter.choose,
    Loop: Interpreter.loop,
    Pipeline: Interpreter.pipeline,
    Redirected: Interpreter.redirected,
    Simple: Interpreter.simple,
    Subshell: Interpreter.subshell,
    Test: Interpreter.condition,
    Timed: Interpreter.timed,
}
