"""Parses sed's scripts."""

from dataclasses import dataclass, field

from devices.virtual.userspace.applets.call import AppletError
from devices.virtual.userspace.regex.machine import Regex
from devices.virtual.userspace.regex.syntax import RegexError

_PLAIN = "pPdDnNgGhHxqQl="


@dataclass(frozen=True, slots=True)
class Address:
    """Which lines: a number, `$`, an expression, or `first~step`."""

    line: int | None = None
    is_last: bool = False
    regex: Regex | None = None
    step: int = 0


@dataclass(slots=True)
class Command:
    """One command and what it needs."""

    name: str
    start: Address | None = None
    end: Address | None = None
    is_negated: bool = False
    regex: Regex | None = None
    replacement: tuple[str | int, ...] = ()
    is_global: bool = False
    prints: bool = False
    occurrence: int = 1
    text: str = ""
    table: dict[int, str] = field(default_factory=dict)
    label: str = ""
    jump: int = 0  # of `{`, b and t: where to go on


def parse_script(script: str, *, is_extended: bool) -> list[Command]:
    """Return the commands with their jumps resolved."""
    reader = _Reader(script, is_extended=is_extended)
    try:
        commands = reader.commands()
    except RegexError as error:
        raise AppletError(f"bad regex: {error}") from None
    _resolve(commands)
    return commands


def _resolve(commands: list[Command]) -> None:
    labels = {c.text: at for at, c in enumerate(commands) if c.name == ":"}
    open_braces: list[int] = []
    for at, command in enumerate(commands):
        if command.name == "{":
            open_braces.append(at)
        elif command.name == "}":
            if not open_braces:
                raise AppletError("unexpected }")
            commands[open_braces.pop()].jump = at + 1
        elif command.name in ("b", "t"):
            if command.label and command.label not in labels:
                raise AppletError(f"no label '{command.label}'")
            command.jump = labels.get(command.label, len(commands))
    if open_braces:
        raise AppletError("no }")


class _Reader:
    """A cursor over a script."""

    def __init__(self, script: str, *, is_extended: bool) -> None:
        self._script = script
        self._at = 0
        self._is_extended = is_extended
        self._last_regex: Regex | None = None

    def commands(self) -> list[Command]:
        """Read everything."""
        found: list[Command] = []
        while True:
            self._skip(" \t\n;")
            if self._at >= len(self._script):
                return found
            if self._peek() == "#":
                self._line()
            else:
                found.append(self._command())

    def _command(self) -> Command:
        start = self._address()
        end = None
        self._skip(" \t")
        if start and self._peek() == ",":
            self._at += 1
            self._skip(" \t")
            end = self._address()
            if end is None:
                raise AppletError("bad address")
        self._skip(" \t")
        is_negated = self._peek() == "!"
        self._at += is_negated
        self._skip(" \t!")
        name = self._peek()
        if not name:
            raise AppletError("missing command")
        self._at += 1
        command = Command(name, start, end, is_negated)
        self._arguments(command)
        return command

    def _arguments(self, command: Command) -> None:
        name = command.name
        if name == "s":
            self._substitution(command)
        elif name == "y":
            self._table(command)
        elif name in "aic":
            command.text = self._text()
        elif name == ":":
            command.text = self._line().strip()
        elif name in "bt":
            self._skip(" \t")
            command.label = self._word()
        elif name not in _PLAIN + "{}":
            raise AppletError(f"bad command '{name}'")

    def _address(self) -> Address | None:
        char = self._peek()
        if char.isdecimal():
            line = self._number()
            if self._peek() == "~":
                self._at += 1
                return Address(line, step=self._number())
            return Address(line)
        if char == "$":
            self._at += 1
            return Address(is_last=True)
        if char in ("/", "\\") and char:
            if char == "\\":
                self._at += 1
            delimiter = self._peek()
            self._at += 1
            pattern = self._delimited(delimiter)
            ignores_case = self._peek() == "I"
            self._at += ignores_case
            return Address(regex=self._regex(pattern, ignores_case=ignores_case))
        return None

    def _substitution(self, command: Command) -> None:
        delimiter = self._peek()
        self._at += 1
        pattern = self._delimited(delimiter)
        replacement = self._delimited(delimiter, keeps_escapes=True)
        ignores_case = False
        while (flag := self._peek()) and (flag in "gpiIe" or flag.isdecimal()):
            if flag.isdecimal():
                command.occurrence = max(1, self._number())
                continue
            command.is_global = command.is_global or flag == "g"
            command.prints = command.prints or flag == "p"
            ignores_case = ignores_case or flag in "iI"
            self._at += 1
        command.regex = self._regex(pattern, ignores_case=ignores_case)
        command.replacement = _replacement(replacement, command.regex.groups)

    def _table(self, command: Command) -> None:
        delimiter = self._peek()
        self._at += 1
        old, new = self._delimited(delimiter), self._delimited(delimiter)
        if len(old) != len(new):
            raise AppletError("y needs texts of the same length")
        command.table = {ord(a): b for a, b in zip(old, new, strict=True)}

    def _delimited(self, delimiter: str, *, keeps_escapes: bool = False) -> str:
        """Read up to the delimiter; in a bracket expression it means nothing."""
        pieces: list[str] = []
        is_in_brackets = False
        while (char := self._peek()) != "" and (char != delimiter or is_in_brackets):
            self._at += 1
            if char == "\\" and not is_in_brackets:
                following = self._peek()
                self._at += 1
                is_delimiter = following == delimiter and not keeps_escapes
                pieces.append(following if is_delimiter else char + following)
                continue
            if not keeps_escapes:
                is_in_brackets = char == "[" or (is_in_brackets and char != "]")
            pieces.append(char)
        if char == "":
            raise AppletError("unterminated")
        self._at += 1
        return "".join(pieces)

    def _regex(self, pattern: str, *, ignores_case: bool) -> Regex:
        if not pattern and self._last_regex:
            return self._last_regex
        regex = Regex(pattern, is_extended=self._is_extended, ignores_case=ignores_case)
        self._last_regex = regex
        return regex

    def _text(self) -> str:
        """Read the text of a, i or c: the rest of the line, or the next one behind a backslash."""
        self._skip(" \t")
        if self._script.startswith("\\\n", self._at):
            self._at += 2
        elif self._peek() == "\\":
            self._at += 1
        lines = [self._line()]
        while lines[-1].endswith("\\"):
            lines[-1] = lines[-1][:-1]
            lines.append(self._line())
        return "\n".join(lines)

    def _line(self) -> str:
        end = self._script.find("\n", self._at)
        end = len(self._script) if end < 0 else end
        text = self._script[self._at : end]
        self._at = end + 1
        return text

    def _word(self) -> str:
        start = self._at
        while self._peek() not in ("", " ", "\t", "\n", ";", "}"):
            self._at += 1
        return self._script[start : self._at]

    def _number(self) -> int:
        start = self._at
        while self._peek().isdecimal():
            self._at += 1
        return int(self._script[start : self._at] or 0)

    def _skip(self, characters: str) -> None:
        while self._peek() and self._peek() in characters:
            self._at += 1

    def _peek(self) -> str:
        return self._script[self._at : self._at + 1]


def _replacement(text: str, groups: int) -> tuple[str | int, ...]:
    """Cut a replacement into texts and group numbers; `&` is group 0."""
    pieces: list[str | int] = []
    characters = iter(text)
    for char in characters:
        if char == "&":
            pieces.append(0)
        elif char == "\\":
            following = next(characters, "\\")
            if following.isdecimal():
                if int(following) > groups:
                    raise AppletError(f"no group {following}")
                pieces.append(int(following))
            else:
                pieces.append({"n": "\n", "t": "\t"}.get(following, following))
        else:
            pieces.append(char)
    return tuple(pieces)
