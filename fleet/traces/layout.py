"""What a run's trace consists of: trials, their clock groups, and the channels of those."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from psycopg import Connection, Cursor

from fleet.traces.queries import SQL


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
        cursor.execute(SQL["trials"], {"run": run})
        numbered = cursor.fetchall()
        groups = _groups(cursor, [trial for trial, _, _ in numbered])
    return tuple(
        StoredTrial(trial, number, attempt, tuple(groups[trial]))
        for trial, number, attempt in numbered
    )


def describe_trial(connection: Connection[Any], run: int, trial: int) -> dict[str, Any]:
    """Return what clients of the trace are told about one trial of a run."""
    return next(found.as_json() for found in trials_of(connection, run) if found.id == trial)


def groups_of(connection: Connection[Any], trial: int) -> tuple[StoredGroup, ...]:
    """Return the clock groups of one trial."""
    with Cursor(connection) as cursor:
        return tuple(_groups(cursor, [trial])[trial])


def _groups(cursor: Cursor[Any], trials: list[int]) -> dict[int, list[StoredGroup]]:
    channels: dict[tuple[int, int], list[StoredChannel]] = defaultdict(list)
    cursor.execute(SQL["channels"], {"trials": trials})
    for trial, grp, ch, *rest in cursor:
        if ch > 0:
            channels[trial, grp].append(StoredChannel(ch, *rest))
    groups: dict[int, list[StoredGroup]] = defaultdict(list)
    cursor.execute(SQL["groups"], {"trials": trials})
    for trial, grp, name, period_us, sealed_to, lost, rows_total in cursor:
        of_group = tuple(channels[trial, grp])
        groups[trial].append(
            StoredGroup(trial, grp, name, period_us, sealed_to, lost, rows_total, of_group)
        )
    return groups
