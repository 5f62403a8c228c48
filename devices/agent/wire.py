"""The agent's lines without I/O: bytes in, lines out, and columns of integers both ways."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
import orjson
from numpy.typing import NDArray

from devices.agent.messages import MAX_LINE_BYTES
from devices.samples import Batch

Line = dict[str, Any]
Cell = int | None


@dataclass(frozen=True, slots=True)
class BadFrame:
    """A line that could not be read, and why; reading goes on after its newline."""

    reason: str


def encode_line(line: Mapping[str, Any]) -> bytes:
    """Return one line of ASCII JSON with its newline."""
    raw = orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
    if raw.isascii():
        return raw
    return json.dumps(line, separators=(",", ":")).encode("ascii") + b"\n"


class LineReader:
    """Cuts a byte stream into lines and reads them, whatever the pieces it comes in.

    A strict reader also refuses floats and repeated keys; it is meant for commands, which are few.
    """

    def __init__(self, limit: int = MAX_LINE_BYTES, *, strict: bool = False) -> None:
        self._limit = limit
        self._parse = _parse_strictly if strict else orjson.loads
        self._pieces = bytearray()
        self._skipping = False

    def feed(self, data: bytes) -> list[Line | BadFrame]:
        """Return the lines that `data` completes, in order."""
        self._pieces += data
        if b"\n" not in data:
            return self._refuse_overlong()
        *whole, rest = bytes(self._pieces).split(b"\n")
        self._pieces = bytearray(rest)
        frames: list[Line | BadFrame] = []
        for raw in whole:
            if self._skipping:
                self._skipping = False  # the tail of an overlong line, already reported
            else:
                frames.append(self._read(raw))
        return frames + self._refuse_overlong()

    def _refuse_overlong(self) -> list[Line | BadFrame]:
        if len(self._pieces) <= self._limit:
            return []
        self._pieces.clear()
        if self._skipping:
            return []
        self._skipping = True
        return [BadFrame(f"line is longer than {self._limit} bytes")]

    def _read(self, raw: bytes) -> Line | BadFrame:
        if len(raw) > self._limit:
            return BadFrame(f"line has {len(raw)} bytes, at most {self._limit} are allowed")
        try:
            line = self._parse(raw)
        except (ValueError, RecursionError) as error:
            return BadFrame(f"not a line of JSON: {error}"[:200])
        return line if isinstance(line, dict) else BadFrame("not a JSON object")


def _parse_strictly(raw: bytes) -> Any:
    return json.loads(
        raw,
        object_pairs_hook=_unique,
        parse_float=_refuse_number,
        parse_constant=_refuse_number,
        parse_int=_int64,
    )


def _unique(pairs: list[tuple[str, Any]]) -> Line:
    line = dict(pairs)
    if len(line) != len(pairs):
        raise ValueError("a key is repeated")
    return line


def _refuse_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not an integer")


def _int64(text: str) -> int:
    value = int(text)
    if not -(1 << 63) <= value < 1 << 63:
        raise ValueError(f"{text:.30} does not fit 64 bits")
    return value


def encode_column(values: Iterable[Cell]) -> list[Cell]:
    """Return the first value as it is and each later one as its difference to the one before it.

    Nulls stay null and are skipped when differences are taken.
    """
    before = 0
    cells: list[Cell] = []
    for value in values:
        if value is None:
            cells.append(None)
        else:
            cells.append(value - before)
            before = value
    return cells


def decode_columns(columns: Sequence[Sequence[Cell]], rows: int) -> tuple[NDArray[Any], ...]:
    """Return values int64 [columns, rows] and validity bool [columns, rows] of encoded columns.

    Where a value is null the number repeats the valid one before it, or the first valid one.
    """
    try:
        deltas = np.array(columns)
        if deltas.dtype == np.int64 and deltas.shape == (len(columns), rows):
            return deltas.cumsum(axis=1), np.ones(deltas.shape, dtype=np.bool_)
    except ValueError as error:
        raise ValueError("the columns of a data line differ in length") from error
    values = np.zeros((len(columns), rows), dtype=np.int64)
    valid = np.zeros((len(columns), rows), dtype=np.bool_)
    for index, column in enumerate(columns):
        values[index], valid[index] = _decode_column(column, rows)
    return values, valid


def _decode_column(column: Sequence[Cell], rows: int) -> tuple[NDArray[Any], NDArray[Any]]:
    if len(column) != rows:
        raise ValueError(f"a column has {len(column)} cells, expected {rows}")
    if column.count(None) == rows:  # what a sensor or a virtual phone does not have at all
        return np.zeros(rows, dtype=np.int64), np.zeros(rows, dtype=np.bool_)
    if None not in column and set(map(type, column)) <= {int}:
        return np.cumsum(np.array(column, dtype=np.int64)), np.ones(rows, dtype=np.bool_)
    valid = np.array([cell is not None for cell in column], dtype=np.bool_)
    cells = [0 if cell is None else cell for cell in column]
    if any(type(cell) is not int for cell in cells):
        raise ValueError("a column holds something that is not an integer")
    values = np.cumsum(np.array(cells, dtype=np.int64))
    if valid.any():
        first = int(valid.argmax())
        values[:first] = values[first]
    return values, valid


def data_line(trial: int, group: int, i0: int, columns: Sequence[Sequence[Cell]]) -> Line:
    """Return the body of a data line; column 0 is the clock [ns]."""
    return {
        "ev": "data",
        "trial": trial,
        "g": group,
        "i0": i0,
        "rows": len(columns[0]),
        "cols": [encode_column(column) for column in columns],
    }


def decode_data(line: Mapping[str, Any]) -> Batch:
    """Return the rows of a data line; raise ValueError when it is not one."""
    try:
        trial, group, i0, rows = (int(line[key]) for key in ("trial", "g", "i0", "rows"))
        values, valid = decode_columns(line["cols"], rows)
    except (KeyError, TypeError, OverflowError) as error:
        raise ValueError(f"not a data line: {error!r}") from error
    if not len(valid) or not valid[0].all():
        raise ValueError("the clock of a data line is missing or has a hole")
    return Batch(trial, group, i0, t_ns=values[0], raw=values[1:], valid=valid[1:])
