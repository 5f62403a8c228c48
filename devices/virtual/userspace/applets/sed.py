"""sed: a line editor's scripts, over our own regular expressions."""

from dataclasses import dataclass, field

from devices.clock import HOST
from devices.virtual.userspace.applets.call import AppletError, Call, lines_of
from devices.virtual.userspace.applets.sed_script import Address, Command, parse_script
from devices.virtual.userspace.regex.machine import Match
from devices.virtual.userspace.regex.syntax import RegexError

MAX_JUMPS = 10_000  # of one line, a security limit
_LINES_PER_TURN = 200


async def sed(call: Call) -> None:
    """Edit lines."""
    options = call.options(
        "nEre:f:is",
        long={"regexp-extended": "E", "expression": "e", "quiet": "n", "in-place": "i"},
    )
    operands = list(options.operands)
    scripts = options.values("e")
    for path in options.values("f"):
        data = await call.content(path)
        scripts.append((data or b"").decode("utf-8", "surrogateescape"))
    if not scripts:
        if not operands:
            raise AppletError("no script")
        scripts = [operands.pop(0)]
    is_extended = "E" in options or "r" in options
    commands = parse_script("\n".join(scripts), is_extended=is_extended)
    for path in operands or ["-"]:
        data = await call.content(path)
        if data is None:
            continue
        editor = _Editor(commands, _texts(data), is_quiet="n" in options)
        output = await editor.run()
        if "i" in options:
            call.system.files.write(call.path(path), output.encode("utf-8", "surrogateescape"))
        else:
            await call.write(output)


def _texts(data: bytes) -> list[str]:
    return [line.decode("utf-8", "surrogateescape") for line in lines_of(data)]


class _NextLine(Exception):
    """Go on with the next line."""


class _Quit(Exception):
    """Stop here."""


@dataclass
class _Editor:
    """One file being edited."""

    commands: list[Command]
    lines: list[str]
    is_quiet: bool
    at: int = 0  # lines taken so far
    pattern: str = ""
    held: str = ""
    has_substituted: bool = False
    appended: list[str] = field(default_factory=list)
    output: list[str] = field(default_factory=list)
    active: set[int] = field(default_factory=set)  # commands inside their range

    async def run(self) -> str:
        """Return the edited text."""
        try:
            while self._take():
                if self.at % _LINES_PER_TURN == 0:
                    await HOST.wait_async(0)
                self._cycle()
        except _Quit:
            pass
        except RegexError as error:
            raise AppletError(str(error)) from None
        return "".join(self.output)

    def _take(self) -> bool:
        if self.at >= len(self.lines):
            return False
        self.pattern = self.lines[self.at]
        self.at += 1
        self.has_substituted = False
        return True

    def _cycle(self) -> None:
        try:
            self._execute()
        except _NextLine:
            self._flush()
            return
        except _Quit:
            self._finish()
            raise
        self._finish()

    def _finish(self) -> None:
        if not self.is_quiet:
            self.output.append(f"{self.pattern}\n")
        self._flush()

    def _flush(self) -> None:
        self.output.extend(f"{text}\n" for text in self.appended)
        self.appended.clear()

    def _execute(self) -> None:
        number = jumps = 0
        while number < len(self.commands):
            command = self.commands[number]
            target = None
            if self._is_selected(number, command):
                target = self._do(command)
            elif command.name == "{":
                target = command.jump
            number = number + 1 if target is None else target
            jumps += target is not None
            if jumps > MAX_JUMPS:
                raise AppletError("endless loop")

    def _is_selected(self, number: int, command: Command) -> bool:
        if command.start is None:
            return not command.is_negated
        if command.end is None:
            return self._fits(command.start) is not command.is_negated
        return self._is_in_range(number, command) is not command.is_negated

    def _is_in_range(self, number: int, command: Command) -> bool:
        assert command.start
        assert command.end
        if number in self.active:
            if self._ends(command.end):
                self.active.discard(number)
            return command.end.line is None or self.at <= command.end.line
        if not self._fits(command.start):
            return False
        if command.end.line is None or command.end.line > self.at:
            self.active.add(number)
        return True

    def _ends(self, address: Address) -> bool:
        if address.line is not None:
            return self.at >= address.line
        return self._fits(address)

    def _fits(self, address: Address) -> bool:
        if address.is_last:
            return self.at == len(self.lines)
        if address.regex is not None:
            return address.regex.search(self.pattern) is not None
        if address.step:
            return (
                self.at >= (address.line or 0)
                and (self.at - (address.line or 0)) % address.step == 0
            )
        return self.at == address.line

    def _do(self, command: Command) -> int | None:
        """Run one command; return where to go on if not with the next one."""
        name = command.name
        if name in ("b", "t"):
            return self._branch(command)
        if name in "sy":
            self._change(command)
        elif name in "aic":
            self._insert(command)
        elif name in "pPl=":
            self._print(name)
        elif name in "gGhHx":
            self._hold(name)
        elif name in "dDnNqQ":
            self._move(name)
        return None

    def _branch(self, command: Command) -> int | None:
        if command.name == "t":
            if not self.has_substituted:
                return None
            self.has_substituted = False
        return command.jump

    def _change(self, command: Command) -> None:
        if command.name == "s":
            self._substitute(command)
        else:
            self.pattern = self.pattern.translate(command.table)

    def _insert(self, command: Command) -> None:
        if command.name == "a":
            self.appended.append(command.text)
            return
        self.output.append(f"{command.text}\n")
        if command.name == "c":
            raise _NextLine

    def _print(self, name: str) -> None:
        texts = {"p": self.pattern, "P": self.pattern.partition("\n")[0], "=": str(self.at)}
        self.output.append(f"{texts.get(name, self.pattern)}\n")

    def _hold(self, name: str) -> None:
        if name == "g":
            self.pattern = self.held
        elif name == "G":
            self.pattern += f"\n{self.held}"
        elif name == "h":
            self.held = self.pattern
        elif name == "H":
            self.held += f"\n{self.pattern}"
        else:
            self.pattern, self.held = self.held, self.pattern

    def _move(self, name: str) -> None:
        if name in "dD":
            raise _NextLine
        if name in "qQ":
            if name == "Q":
                self.is_quiet = True
            raise _Quit
        before = self.pattern
        if name == "n" and not self.is_quiet:
            self.output.append(f"{self.pattern}\n")
        if not self._take():
            self.is_quiet = self.is_quiet or name == "n"
            raise _Quit
        if name == "N":
            self.pattern = f"{before}\n{self.pattern}"

    def _substitute(self, command: Command) -> None:
        assert command.regex
        pieces: list[str] = []
        at = done = count = 0
        while at <= len(self.pattern):
            match = command.regex.search(self.pattern, at)
            if match is None:
                break
            count += 1
            if count >= command.occurrence:
                pieces.append(self.pattern[done : match.start])
                pieces.append(_filled(command.replacement, self.pattern, match))
                done = match.end
                if not command.is_global:
                    break
            at = match.end if match.end > match.start else match.end + 1
        if count < command.occurrence or count == 0:
            return
        self.pattern = "".join(pieces) + self.pattern[done:]
        self.has_substituted = True
        if command.prints:
            self.output.append(f"{self.pattern}\n")


def _filled(replacement: tuple[str | int, ...], text: str, match: Match) -> str:
    pieces = []
    for piece in replacement:
        if isinstance(piece, str):
            pieces.append(piece)
        else:
            start, end = match.spans[piece]
            pieces.append(text[start:end] if start >= 0 else "")
    return "".join(pieces)
