"""read: one line into variables."""

import re
from dataclasses import dataclass, field

from devices.virtual.userspace.shell.errors import Refusal
from devices.virtual.userspace.shell.fields import DEFAULT_IFS
from devices.virtual.userspace.shell.shell import Shell
from devices.virtual.userspace.streams import ByteReader

MAX_LINE = 1 << 20  # [bytes], a security limit
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_WHITE = " \t\n"
Characters = list[tuple[str, bool]]  # and whether a backslash stood in front


@dataclass
class _Request:
    """What the options ask for."""

    is_raw: bool = False
    is_array: bool = False
    delimiter: str = "\n"
    count: int | None = None
    is_exact: bool = False
    descriptor: int = 0
    names: list[str] = field(default_factory=list)


async def read(shell: Shell, args: list[str]) -> int:
    """Read a line, split it and assign it; 1 at the end of the input."""
    request = _request(args)
    for name in request.names:
        if not _NAME.match(name):
            raise Refusal(f"read-only: {name}", 2)
    file = shell.descriptors.get(request.descriptor)
    if file is None or file.reader is None:
        raise Refusal(f"-u: {request.descriptor}: bad file descriptor: Bad file descriptor", 2)
    data, is_complete = await _take(file.reader, request)
    characters = _characters(data, is_raw=request.is_raw)
    _assign(shell, request, characters)
    return 0 if is_complete else 1


def _request(args: list[str]) -> _Request:
    request = _Request()
    rest = list(args)
    while rest and rest[0].startswith("-") and len(rest[0]) > 1:
        option = rest.pop(0)
        if option == "--":
            break
        letters = option[1:]
        while letters:
            letter, letters = letters[0], letters[1:]
            if letter in "raAs":
                request.is_raw = request.is_raw or letter == "r"
                request.is_array = request.is_array or letter in "aA"
                continue
            value = letters or (rest.pop(0) if rest else "")
            letters = ""
            _set_value(request, letter, value)
    request.names = rest or ["REPLY"]
    return request


def _set_value(request: _Request, letter: str, value: str) -> None:
    if letter == "d":
        request.delimiter = value[:1] or "\0"
    elif letter in "nN":
        request.count, request.is_exact = _number(value), letter == "N"
    elif letter == "u":
        request.descriptor = _number(value)
    elif letter not in "tp":
        raise Refusal(f"-{letter}: unknown option", 2)


def _number(word: str) -> int:
    if not (word.isdecimal() and word.isascii()):
        raise Refusal(f"{word}: bad number", 2)
    return int(word)


async def _take(reader: ByteReader, request: _Request) -> tuple[bytes, bool]:
    """Return the bytes of one line without its end, and whether that end was there."""
    if request.count is not None:
        data = await _count(reader, request)
        return data, bool(data)
    delimiter = request.delimiter.encode("utf-8", "surrogateescape")
    data = b""
    while len(data) < MAX_LINE:
        piece = await (reader.readline() if delimiter == b"\n" else reader.read(1))
        data += piece
        if data.endswith(delimiter):
            data = data[: -len(delimiter)]
            if request.is_raw or not _ends_in_backslash(data):
                return data, True
            data = data[:-1]
        elif not piece:
            return data, False
    return data, True


async def _count(reader: ByteReader, request: _Request) -> bytes:
    data = b""
    while request.count and len(data) < min(request.count, MAX_LINE):
        piece = await reader.read(1)
        if not piece or (piece == b"\n" and not request.is_exact):
            break
        data += piece
    return data


def _ends_in_backslash(data: bytes) -> bool:
    return (len(data) - len(data.rstrip(b"\\"))) % 2 == 1


def _characters(data: bytes, *, is_raw: bool) -> Characters:
    text = data.replace(b"\0", b"").decode("utf-8", "surrogateescape")
    if is_raw:
        return [(char, False) for char in text]
    characters: Characters = []
    is_escaped = False
    for char in text:
        if char == "\\" and not is_escaped:
            is_escaped = True
            continue
        characters.append((char, is_escaped))
        is_escaped = False
    return characters


def _assign(shell: Shell, request: _Request, characters: Characters) -> None:
    ifs = shell.variables.get("IFS")
    splitter = _Splitter(DEFAULT_IFS if ifs is None else ifs)
    if request.is_array:
        fields = splitter.all(characters)
        shell.variables.set_array(request.names[0], dict(enumerate(fields)))
        return
    for name in request.names[:-1]:
        text, characters = splitter.next(characters)
        shell.variables.set(name, text)
    shell.variables.set(request.names[-1], splitter.last(characters))


class _Splitter:
    """Takes fields off the front of a line."""

    def __init__(self, ifs: str) -> None:
        self._ifs = ifs

    def next(self, characters: Characters) -> tuple[str, Characters]:
        """Return the first field and what is left behind its separator."""
        start = self._skip_white(characters, 0)
        end = start
        while end < len(characters) and not self._separates(characters[end]):
            end += 1
        rest = self._skip_white(characters, end)
        if rest < len(characters) and self._separates(characters[rest]):
            rest = self._skip_white(characters, rest + 1)
        return _text(characters[start:end]), characters[rest:]

    def last(self, characters: Characters) -> str:
        """Return everything that is left: one field without its separator, or all of them."""
        field, rest = self.next(characters)
        if not rest:
            return field
        start = self._skip_white(characters, 0)
        end = len(characters)
        while end > start and self._is_white(characters[end - 1]):
            end -= 1
        return _text(characters[start:end])

    def all(self, characters: Characters) -> list[str]:
        """Return all fields."""
        fields = []
        while self._skip_white(characters, 0) < len(characters):
            text, characters = self.next(characters)
            fields.append(text)
        return fields

    def _skip_white(self, characters: Characters, at: int) -> int:
        while at < len(characters) and self._is_white(characters[at]):
            at += 1
        return at

    def _is_white(self, character: tuple[str, bool]) -> bool:
        return self._separates(character) and character[0] in _WHITE

    def _separates(self, character: tuple[str, bool]) -> bool:
        char, is_escaped = character
        return char in self._ifs and not is_escaped


def _text(characters: Characters) -> str:
    return "".join(char for char, _ in characters)
