"""What all applets share: options in toybox's manner, paths, output and complaints."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

from devices.virtual.userspace.shell.globbing import absolute
from devices.virtual.userspace.system import Invocation, Program, System


class AppletError(Exception):
    """An applet gives up; its name is put in front of the message."""

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Options:
    """Option letters with their values ("" for a mere flag), in the order given, and the rest."""

    given: tuple[tuple[str, str], ...]
    operands: tuple[str, ...]

    def __contains__(self, letter: str) -> bool:
        return any(letter == name for name, _ in self.given)

    def value(self, letter: str) -> str | None:
        """Return the last value of an option, None if it was not given."""
        return next((value for name, value in reversed(self.given) if name == letter), None)

    def values(self, letter: str) -> list[str]:
        """Return all values of an option."""
        return [value for name, value in self.given if name == letter]


class Call:
    """One run of an applet."""

    def __init__(self, invocation: Invocation) -> None:
        self.invocation = invocation
        self.name = invocation.argv[0].rpartition("/")[2]
        self.args = list(invocation.argv[1:])
        self.status = 0

    @property
    def system(self) -> System:
        """The phone."""
        return self.invocation.system

    def options(
        self, letters: str, *, long: dict[str, str] | None = None, stops: bool = False
    ) -> Options:
        """Parse the arguments: `letters` as for getopt(3), `long` maps names to letters.

        With `stops` the first operand ends the options, as in `nice program -x`.
        """
        return _Parser(self, letters, long or {}, stops=stops).parse()

    def path(self, path: str) -> str:
        """Return `path` seen from the current directory."""
        return absolute(path, self.invocation.cwd)

    async def write(self, text: str) -> None:
        """Print."""
        await self.invocation.stdout.write(text.encode("utf-8", "surrogateescape"))

    async def write_bytes(self, data: bytes) -> None:
        """Print raw bytes."""
        await self.invocation.stdout.write(data)

    async def complain(self, message: str, status: int = 1) -> None:
        """Print an error and go on; the applet will end with `status`."""
        self.status = status
        text = f"{self.name}: {message}\n"
        await self.invocation.stderr.write(text.encode("utf-8", "surrogateescape"))

    async def content(self, path: str) -> bytes | None:
        """Return a file's bytes, `-` is standard input; complain and return None if refused."""
        try:
            if path in ("-", "/dev/stdin"):
                return await self.invocation.stdin.read()
            return self.system.files.read(self.path(path))
        except OSError as error:
            await self.complain(f"{path}: {error.strerror}")
            return None


Applet = Callable[[Call], Awaitable[int | None]]


def program(run: Applet) -> Program:
    """Return an applet as a program: errors become messages, no result means its status so far."""

    async def guarded(invocation: Invocation) -> int:
        call = Call(invocation)
        try:
            status = await run(call)
        except AppletError as error:
            await call.complain(str(error), error.status)
            return error.status
        except BrokenPipeError:
            raise
        except OSError as error:
            await call.complain(f"{error.filename or 'write'}: {error.strerror}")
            return 1
        return call.status if status is None else status

    return guarded


class _Parser:
    """Goes through the arguments once."""

    def __init__(self, call: Call, letters: str, long: dict[str, str], *, stops: bool) -> None:
        self._call = call
        self._letters = letters
        self._long = long
        self._stops = stops
        self._given: list[tuple[str, str]] = []
        self._operands: list[str] = []
        self._rest: Iterator[str] = iter(call.args)

    def parse(self) -> Options:
        """Return what was given."""
        for word in self._rest:
            if word == "--":
                self._operands.extend(self._rest)
            elif word.startswith("--"):
                self._take_long(word)
            elif word.startswith("-") and len(word) > 1:
                self._take_letters(word[1:])
            else:
                self._operands.append(word)
                if self._stops:
                    self._operands.extend(self._rest)
        return Options(tuple(self._given), tuple(self._operands))

    def _take_letters(self, letters: str) -> None:
        while letters:
            letter, letters = letters[0], letters[1:]
            if letter not in self._letters or letter == ":":
                raise self._unknown(f"Unknown option '{letter}'")
            if not self._has_value(letter):
                self._given.append((letter, ""))
                continue
            self._given.append((letter, letters or self._value(letter)))
            letters = ""

    def _take_long(self, word: str) -> None:
        name, equals, value = word[2:].partition("=")
        letter = self._long.get(name)
        if letter is None:
            raise self._unknown(f"Unknown option '{name}'")
        if self._has_value(letter) and not equals:
            value = self._value(letter)
        self._given.append((letter, value))

    def _has_value(self, letter: str) -> bool:
        at = self._letters.index(letter)
        return self._letters[at + 1 : at + 2] == ":"

    def _value(self, letter: str) -> str:
        value = next(self._rest, None)
        if value is None:
            raise self._unknown(f"Missing argument to -{letter}")
        return value

    def _unknown(self, message: str) -> AppletError:
        return AppletError(f'{message} (see "{self._call.name} --help")')


def number(text: str) -> int:
    """Return a decimal number; AppletError if it is none."""
    digits = text.removeprefix("-").removeprefix("+")
    if not (digits.isascii() and digits.isdecimal()):
        raise AppletError(f"not integer: {text}")
    return int(text)


def lines_of(data: bytes) -> list[bytes]:
    """Return the lines of `data` without their ends."""
    lines = data.split(b"\n")
    if not lines[-1]:
        lines.pop()
    return lines


def joined(words: Sequence[str]) -> str:
    """Return words as one line."""
    return " ".join(words) + "\n"
