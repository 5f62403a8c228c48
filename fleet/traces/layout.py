"""What a run's trace consists of: trials, their clock groups, and the channels of those."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from psycopg import Connection, Cursor

from fleet.traces.queries import SQL

_Row = tuple[Any, ...]
_TRIAL = range(3)  # columns of a layout row: id, number, attempt
_GROUP = range(3, 9)  # number, name, period_us, sealed_to, lost, rows_total
_CH = 9
_CHANNEL = slice(_CH, None)


@dataclass(frozen=True, slots=True)
class StoredChannel:
    """One channel of a group; `v * 10**exp` is in `unit`."""

    ch: int
    name: str
    source: str
    unit: str
    exp: int
    kind: str
    quality: str


@dataclass(frozen=True, slots=True)
class StoredGroup:
    """One clock group of a trial and how far it is sealed."""

    trial: int
    number: int
    name: str
    period_us: int | None
    sealed_to: int
    lost: int
    rows_total: int | None
    channels: tuple[StoredChannel, ...]  # without the clock

    @property
    def key(self) -> tuple[int, int]:
        """Trial and number."""
        return self.trial, self.number

    @property
    def is_sealed(self) -> bool:
        """Whether every row that the phone declared is in chunks, so that none is live."""
        return self.rows_total is not None and self.sealed_to >= self.rows_total


@dataclass(frozen=True, slots=True)
class StoredTrial:
    """One trial of a run."""

    id: int
    number: int  # 0 = the settling
    attempt: int
    groups: tuple[StoredGroup, ...]

    def as_json(self) -> dict[str, Any]:
        """Return what clients of the trace are told about it."""
        return {
            "trial": self.id,
            "number": self.number,
            "attempt": self.attempt,
            "groups": [
                {
                    "g": group.number,
                    "name": group.name,
                    "period_us": group.period_us,
                    "channels": [
                        {"ch": c.ch, "name": c.name, "unit": c.unit, "exp": c.exp, "kind": c.kind}
                        for c in group.channels
                    ],
                }
                for group in self.groups
            ],
        }


def trials_of(connection: Connection[Any], run: int) -> tuple[StoredTrial, ...]:
    """Return the trials of the newest attempt of a run, the settling first."""
    with Cursor(connection) as cursor:
        cursor.execute(SQL["layout"], {"run": run, "trial": None})
        return _trials(cursor.fetchall())


def describe_trial(connection: Connection[Any], run: int, trial: int) -> dict[str, Any]:
    """Return what clients of the trace are told about one trial of a run."""
    return next(found.as_json() for found in trials_of(connection, run) if found.id == trial)


def groups_of(connection: Connection[Any], trial: int) -> tuple[StoredGroup, ...]:
    """Return the clock groups of one trial."""
    with Cursor(connection) as cursor:
        cursor.execute(SQL["layout"], {"run": None, "trial": trial})
        return next(found.groups for found in _trials(cursor.fetchall()))


def _trials(rows: list[_Row]) -> tuple[StoredTrial, ...]:
    """Gather rows of one channel each, in the order of trials, groups and channels."""
    return tuple(
        StoredTrial(trial, number, attempt, tuple(_groups(trial, of_trial)))
        for (trial, number, attempt), of_trial in groupby(rows, key=itemgetter(*_TRIAL))
    )


def _groups(trial: int, rows: Iterable[_Row]) -> Iterator[StoredGroup]:
    by_group: Iterator[tuple[_Row, Iterator[_Row]]] = groupby(rows, key=itemgetter(*_GROUP))
    for (number, name, period_us, sealed_to, lost, rows_total), of_group in by_group:
        if number is None:
            continue  # the trial has no group yet
        channels = tuple(StoredChannel(*row[_CHANNEL]) for row in of_group if row[_CH] is not None)
        yield StoredGroup(trial, number, name, period_us, sealed_to, lost, rows_total, channels)
