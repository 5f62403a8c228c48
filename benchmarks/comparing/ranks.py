"""Who is first at minute 1, and who at minute 30."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.comparing.measured import Measured
from benchmarks.comparing.sides import Arrangement

LATE_MINUTE = 30
CURVE = "latency_by_minute_ms"


@dataclass(frozen=True, slots=True)
class Contender:
    """A side on a device, with its median latency in two minutes of the load [ms]."""

    label: str
    side: int
    first_ms: float
    late_ms: float
    first_rank: int
    late_rank: int
    runs: int


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


def rankings(runs: Sequence[Measured], arrangement: Arrangement) -> list[Ranking]:
    """Return a ranking per workload of which two contenders have minutes."""
    usable = [run for run in runs if not run.why_not and run.details.get(CURVE)]
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
    minute = min(LATE_MINUTE, *(len(run.details[CURVE]) for run in runs))
    labels = {run.run: arrangement.label_of(run.run) for run in runs}
    rows: list[tuple[str, int, float, float, int]] = []
    for label in dict.fromkeys(labels.values()):
        mine = [run for run in runs if labels[run.run] == label]
        first, late = (_median(mine, at) for at in (0, minute - 1))
        if first is not None and late is not None:
            rows.append((label, arrangement.side_of[mine[0].run], first, late, len(mine)))
    return Ranking(
        workload,
        minute,
        tuple(
            Contender(
                label,
                side,
                first,
                late,
                1 + sum(other[2] < first for other in rows),
                1 + sum(other[3] < late for other in rows),
                count,
            )
            for label, side, first, late, count in rows
        ),
    )


def _median(runs: Sequence[Measured], at: int) -> float | None:
    values = [run.details[CURVE][at] for run in runs if run.details[CURVE][at] is not None]
    return median(values) if values else None
