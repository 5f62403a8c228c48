"""What one trial holds on the phone: rows counted per clock group, events counted, nothing lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from devices.agent.messages import (
    DATA_LINE_BYTES,
    GROUP_NAMES,
    INFER,
    INFER_COLUMNS,
    OPS,
    OPS_COLUMNS,
    SPLIT_COLUMNS,
)
from devices.agent.wire import Cell, Line, data_line, encode_line
from devices.virtual.agent.body import Sampling, Sensor
from devices.virtual.agent.ledger import Ledger, TrialLedger

RING_ROWS = 8192  # so many rows wait for a slow reader before rows are dropped

Columns = list[list[Cell]]


@dataclass(slots=True)
class RowGroup:
    """Rows of one clock group that wait to be sent, and how many were sent before them."""

    number: int
    period_us: int | None
    columns: list[Line]  # as the `group` event declares them, the clock first
    sent: int = 0
    lost: int = 0
    waiting: Columns = field(default_factory=list)

    def __post_init__(self) -> None:
        self.waiting = [[] for _ in self.columns]

    @property
    def total(self) -> int:
        """Rows that have an index."""
        return self.sent + len(self.waiting[0])

    def add(self, columns: Columns) -> int:
        """Append rows, as many columns as are declared; return how many rows found no place."""
        columns = columns[: len(self.waiting)]
        room = RING_ROWS - len(self.waiting[0])
        surplus = max(0, len(columns[0]) - room)
        for waiting, new in zip(self.waiting, columns, strict=True):
            waiting.extend(new[:room] if surplus else new)
        self.lost += surplus
        return surplus

    def take(self) -> tuple[int, Columns]:
        """Return the index of the first waiting row, and all waiting columns."""
        i0, columns = self.sent, self.waiting
        self.sent += len(columns[0])
        self.waiting = [[] for _ in self.columns]
        return i0, columns


class Trial:
    """The groups and events of one trial, as lines without their envelope."""

    def __init__(
        self,
        number: int,
        samplings: Mapping[int, Sampling],
        sensors: Mapping[str, Sensor],
        ledger: Ledger,
        *,
        has_plans: bool = False,
        is_split: bool = False,
    ) -> None:
        self.number = number
        self.events = 0
        self.groups = {
            number: RowGroup(number, sampling.period_us, _columns(sampling, sensors))
            for number, sampling in sorted(samplings.items())
        }
        columns = (*INFER_COLUMNS, *(SPLIT_COLUMNS if is_split else ()))
        inference = [{"name": name, "unit": unit} for name, unit in columns]
        self.groups[INFER] = RowGroup(INFER, None, _numbered(inference))
        if has_plans:
            segment = [{"name": name, "unit": unit} for name, unit in OPS_COLUMNS]
            self.groups[OPS] = RowGroup(OPS, None, _numbered(segment))
        self._ledger: TrialLedger = ledger.open(number)

    def declarations(self) -> list[Line]:
        """Return the `group` events."""
        return [
            {
                "ev": "group",
                "trial": self.number,
                "g": group.number,
                "name": GROUP_NAMES[group.number],
                "period_us": group.period_us,
                "cols": group.columns,
            }
            for group in self.groups.values()
        ]

    def event(self, kind: str, data: Mapping[str, Any]) -> Line:
        """Return an event under its index."""
        line = {"ev": kind, "trial": self.number, "i": self.events, **data}
        self.events += 1
        self._ledger.count_event()
        return line

    def drain(self) -> list[Line]:
        """Return all waiting rows as data lines, none longer than 16 KiB."""
        lines: list[Line] = []
        for group in self.groups.values():
            i0, columns = group.take()
            if columns[0]:
                self._ledger.record(group.number, columns)
                lines += _split(self.number, group.number, i0, columns)
        return lines

    def positions(self) -> list[Line]:
        """Return how far each group is."""
        groups = self.groups.values()
        return [{"g": group.number, "next": group.total, "oldest": group.sent} for group in groups]

    def totals(self) -> Line:
        """Return what this trial contains."""
        groups = self.groups.values()
        return {
            "rows": [[group.number, group.total] for group in groups],
            "lost": [[group.number, group.lost] for group in groups if group.lost],
            "events": self.events,
        }


def _columns(sampling: Sampling, sensors: Mapping[str, Sensor]) -> list[Line]:
    return _numbered(
        [
            {
                "name": sensor.partition(":")[2] or sensor,
                "id": sensor,
                "unit": sensors[sensor].unit,
                "read_us": sensors[sensor].read_us,
            }
            for sensor in sampling.ids
        ]
    )


def _numbered(columns: Sequence[Line]) -> list[Line]:
    return [
        {"ch": index, **column}
        for index, column in enumerate([{"name": "t", "unit": "ns"}, *columns])
    ]


def _split(trial: int, group: int, i0: int, columns: Columns) -> list[Line]:
    line = data_line(trial, group, i0, columns)
    rows = len(columns[0])
    if rows == 1 or len(encode_line(line)) <= DATA_LINE_BYTES - 64:
        return [line]
    half = rows // 2
    first = [column[:half] for column in columns]
    second = [column[half:] for column in columns]
    return _split(trial, group, i0, first) + _split(trial, group, i0 + half, second)
