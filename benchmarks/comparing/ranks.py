"""Who is first at minute 1, who at minute 30, and how they changed places between."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.comparing.measured import Measured
from benchmarks.comparing.sides import Arrangement

LATE_MINUTE = 30
TIE = 0.01  # closer than this in one minute, nobody is before the other [1]
#: What a minute of a run was like: with injected idle, where a kind has any, else the latency.
CURVES = ("response_by_minute_ms", "latency_by_minute_ms")


@dataclass(frozen=True, slots=True)
class Contender:
    """A side on a device, with its median latency in two minutes of the load [ms].

    `ranks` are its places in every minute up to the later one; None where it did nothing.
    """

    label: str
    side: int
    first_ms: float
    late_ms: float
    first_rank: int
    late_rank: int
    runs: int
    ranks: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Ranking:
    """Contenders of one workload; `minute` is the later one of the two."""

    workload: str
    minute: int
    contenders: tuple[Contender, ...]

    @property
    def has_changed(self) -> bool:
        """Whether anybody changed places."""
        return any(one.first_rank != one.late_rank for one in self.contenders)

    @property
    def minutes_apart(self) -> int:
        """How many minutes had another order than the first."""
        return sum(
            any(one.ranks[at] not in (None, one.first_rank) for one in self.contenders)
            for at in range(self.minute)
        )


@dataclass(frozen=True, slots=True)
class _Entrant:
    label: str
    side: int
    runs: int
    minutes_ms: tuple[float | None, ...]


def rankings(runs: Sequence[Measured], arrangement: Arrangement) -> list[Ranking]:
    """Return a ranking per workload of which two contenders have minutes."""
    usable = [run for run in runs if not run.why_not and _curve(run)]
    workloads = list(dict.fromkeys(arrangement.stratum_of[run.run].workload for run in usable))
    found = [
        _ranking(
            [run for run in usable if arrangement.stratum_of[run.run].workload == name],
            arrangement,
            name,
        )
        for name in workloads
    ]
    return [ranking for ranking in found if len(ranking.contenders) > 1]


def _ranking(runs: Sequence[Measured], arrangement: Arrangement, workload: str) -> Ranking:
    minute = min(LATE_MINUTE, *(len(_curve(run)) for run in runs))
    entrants = [
        entrant
        for entrant in _entrants(runs, arrangement, minute)
        if entrant.minutes_ms[0] is not None and entrant.minutes_ms[-1] is not None
    ]
    ranks = [_ranks([one.minutes_ms[at] for one in entrants]) for at in range(minute)]
    return Ranking(
        workload,
        minute,
        tuple(
            Contender(
                one.label,
                one.side,
                first_ms=one.minutes_ms[0] or 0.0,
                late_ms=one.minutes_ms[-1] or 0.0,
                first_rank=ranks[0][k] or 1,
                late_rank=ranks[-1][k] or 1,
                runs=one.runs,
                ranks=tuple(row[k] for row in ranks),
            )
            for k, one in enumerate(entrants)
        ),
    )


def _entrants(
    runs: Sequence[Measured], arrangement: Arrangement, minute: int
) -> Iterator[_Entrant]:
    labels = {run.run: arrangement.label_of(run.run) for run in runs}
    for label in dict.fromkeys(labels.values()):
        mine = [run for run in runs if labels[run.run] == label]
        minutes = tuple(_median(mine, at) for at in range(minute))
        yield _Entrant(label, arrangement.side_of[mine[0].run], len(mine), minutes)


def _ranks(values: Sequence[float | None]) -> list[int | None]:
    """Return the places of some latencies; those that are as good as equal share one."""
    known = [value for value in values if value is not None]
    return [
        None if value is None else 1 + sum(other < value * (1 - TIE) for other in known)
        for value in values
    ]


def _curve(run: Measured) -> Sequence[float | None]:
    return next((run.details[name] for name in CURVES if run.details.get(name)), ())


def _median(runs: Sequence[Measured], at: int) -> float | None:
    values = [value for run in runs if (value := _curve(run)[at]) is not None]
    return median(values) if values else None
