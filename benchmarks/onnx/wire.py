"""The wire format of protocol buffers, read strictly: fields by number, nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass

MAX_FIELDS = 500_000  # of one file; a security limit
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_LONGEST_VARINT = 10  # bytes


class WireError(ValueError):
    """These bytes are no protocol buffer message."""


@dataclass(slots=True)
class _Budget:
    """How many more fields are read of one file."""

    left: int = MAX_FIELDS

    def spend(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise WireError(f"it has more than {MAX_FIELDS} fields")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message: an integer, or bytes that may be a message again."""

    number: int
    value: int | memoryview
    _budget: _Budget

    @property
    def integer(self) -> int:
        """The field's number; WireError where it is bytes."""
        if not isinstance(self.value, int):
            raise WireError(f"field {self.number} is bytes, expected a number")
        return self.value - (1 << 64) if self.value >> 63 else self.value

    @property
    def text(self) -> str:
        """The field's text, at most 128 letters; what cannot be printed is marked."""
        text = bytes(self._bytes[:512]).decode("utf-8", "replace")[:128]
        return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)

    def fields(self) -> Iterator["Field"]:
        """Yield the fields of this message. Raises WireError at the first byte that is wrong."""
        message, at = self._bytes, 0
        while at < len(message):
            self._budget.spend()
            key, at = _varint(message, at)
            number, kind = key >> 3, key & 7
            if number == 0:
                raise WireError(f"field number 0 at byte {at}")
            if kind == _VARINT:
                value, at = _varint(message, at)
                yield Field(number, value, self._budget)
                continue
            size, at = _size(message, kind, at)
            if len(message) - at < size:
                raise WireError(f"field {number} announces {size} bytes, {len(message) - at} left")
            yield Field(number, message[at : at + size], self._budget)
            at += size

    @property
    def _bytes(self) -> memoryview:
        if isinstance(self.value, int):
            raise WireError(f"field {self.number} is a number, expected bytes")
        return self.value


def message_of(data: bytes) -> Field:
    """Return a whole file as one message."""
    return Field(0, memoryview(data), _Budget())


def _size(message: memoryview, kind: int, at: int) -> tuple[int, int]:
    if kind == _BYTES:
        return _varint(message, at)
    if kind in (_FIXED32, _FIXED64):
        return (8 if kind == _FIXED64 else 4), at
    raise WireError(f"wire type {kind} at byte {at}")


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for place in range(_LONGEST_VARINT):
        if at >= len(message):
            raise WireError("it ends inside a number")
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, at
    raise WireError(f"a number of more than {_LONGEST_VARINT} bytes at byte {at}")
