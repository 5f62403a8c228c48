"""One row per metric: candidate against reference within one stratum."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from benchmarks.analysis.comparison import (
    THRESHOLD,
    Comparison,
    Word,
    compare_groups,
    compare_pairs,
    scale_of,
    threshold_of,
)
from benchmarks.analysis.effect import Design
from benchmarks.analysis.metrics import Metric
from benchmarks.comparing.contract import differing
from benchmarks.comparing.measured import Measured
from benchmarks.comparing.sides import Arrangement, Stratum


@dataclass(frozen=True, slots=True)
class Pair:
    """Two runs of one repeat on one device, and what they gave."""

    repeat: int
    reference: int
    candidate: int
    values: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Row:
    """One metric, one candidate, one stratum."""

    metric: Metric  # name, unit, direction; its value is not used
    candidate: int  # number of the side
    stratum: Stratum
    comparison: Comparison
    reference_value: float | None  # median over the side's runs
    candidate_value: float | None
    pairs: tuple[Pair, ...] = ()
    values: tuple[tuple[float, ...], tuple[float, ...]] = ((), ())  # of both sides, unpaired
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Meeting:
    """The runs of a reference and a candidate that may meet."""

    stratum: Stratum
    candidate: int
    reference_runs: Sequence[Measured]
    candidate_runs: Sequence[Measured]
    conflicts: Mapping[str, list[str]] = field(default_factory=dict)  # keys that must not differ

    @property
    def design(self) -> Design:
        """Whether there are runs on both sides that were made as pairs."""
        seats = [{_seat(run) for run in self.reference_runs}]
        seats.append({_seat(run) for run in self.candidate_runs})
        return Design.PAIRED if (seats[0] & seats[1]) - {None} else Design.UNPAIRED


def meetings(runs: Sequence[Measured], arrangement: Arrangement) -> list[Meeting]:
    """Return every candidate against the reference, stratum by stratum."""
    strata = list(dict.fromkeys(arrangement.stratum_of[run.run] for run in runs))
    return [
        _meeting(runs, arrangement, stratum, candidate)
        for candidate in range(1, len(arrangement.sides))
        for stratum in strata
    ]


def _meeting(
    runs: Sequence[Measured], arrangement: Arrangement, stratum: Stratum, candidate: int
) -> Meeting:
    here = [run for run in runs if arrangement.stratum_of[run.run] == stratum]
    sides = [
        [run for run in here if arrangement.side_of[run.run] == number and not run.why_not]
        for number in (0, candidate)
    ]
    apart = differing(run.contract for run in (*sides[0], *sides[1]))
    conflicts = {key: values for key, values in apart.items() if not arrangement.allows(key)}
    return Meeting(stratum, candidate, sides[0], sides[1], conflicts)


def rows_of(
    meeting: Meeting,
    threshold: float = THRESHOLD,
    floors: Mapping[tuple[str, str], float] | None = None,
) -> list[Row]:
    """Return a row for each metric that has a direction.

    floors: the noise floor per device and metric, where it is known.
    """
    metrics = _metrics((*meeting.reference_runs, *meeting.candidate_runs))
    if meeting.conflicts:
        return [_not_comparable(meeting, metric) for metric in metrics]
    return [_row(meeting, metric, threshold, floors or {}) for metric in metrics]


def _metrics(runs: Sequence[Measured]) -> list[Metric]:
    """Return the metrics of all runs that know which direction is better, in their order."""
    found: dict[str, Metric] = {}
    for run in runs:
        for metric in run.metrics.values():
            if metric.better:
                found.setdefault(metric.name, metric)
    return list(found.values())


def _row(
    meeting: Meeting,
    metric: Metric,
    threshold: float,
    floors: Mapping[tuple[str, str], float],
) -> Row:
    scale = scale_of(metric.name, metric.unit)
    limit = threshold_of(metric.name, metric.unit, threshold)
    sides = _values(meeting.reference_runs, metric), _values(meeting.candidate_runs, metric)
    pairs: tuple[Pair, ...] = ()
    if meeting.design is Design.PAIRED:
        pairs = _pairs(meeting, metric)
        floor = floors.get((meeting.stratum.device, metric.name))
        values = [pair.values for pair in pairs]
        comparison = compare_pairs(values, metric.better, scale, limit, floor)
    else:
        comparison = compare_groups(sides[0], sides[1], metric.better, scale, limit)
    return Row(
        metric=metric,
        candidate=meeting.candidate,
        stratum=meeting.stratum,
        comparison=comparison,
        reference_value=median(sides[0]) if sides[0] else None,
        candidate_value=median(sides[1]) if sides[1] else None,
        pairs=pairs,
        values=(tuple(sides[0]), tuple(sides[1])),
        notes=tuple(_notes(meeting, metric)),
    )


def _not_comparable(meeting: Meeting, metric: Metric) -> Row:
    sides = _values(meeting.reference_runs, metric), _values(meeting.candidate_runs, metric)
    because = f"{', '.join(meeting.conflicts)} must be equal"
    return Row(
        metric=metric,
        candidate=meeting.candidate,
        stratum=meeting.stratum,
        comparison=Comparison(Word.NOT_COMPARABLE, because),
        reference_value=median(sides[0]) if sides[0] else None,
        candidate_value=median(sides[1]) if sides[1] else None,
        values=(tuple(sides[0]), tuple(sides[1])),
    )


def _values(runs: Sequence[Measured], metric: Metric) -> list[float]:
    return [value for run in runs if (value := run.value(metric.name)) is not None]


def _pairs(meeting: Meeting, metric: Metric) -> tuple[Pair, ...]:
    candidates = {_seat(run): run for run in meeting.candidate_runs}
    pairs = []
    for reference in meeting.reference_runs:
        candidate = candidates.get(_seat(reference))
        values = (
            reference.value(metric.name),
            candidate.value(metric.name) if candidate else None,
        )
        if candidate and values[0] is not None and values[1] is not None:
            both = (values[0], values[1])
            pairs.append(Pair(reference.repeat or 0, reference.run, candidate.run, both))
    return tuple(pairs)


def _seat(run: Measured) -> tuple[int, int, str, str] | None:
    """Return what the runs of a pair share."""
    if run.experiment is None or run.repeat is None:
        return None
    return run.experiment, run.repeat, run.device, run.workload


def _notes(meeting: Meeting, metric: Metric) -> list[str]:
    """Return how many runs have no value, and why: a throttle that never came has no time."""
    notes = []
    for name, runs in (
        ("reference", meeting.reference_runs),
        ("candidate", meeting.candidate_runs),
    ):
        blank = [run for run in runs if run.value(metric.name) is None]
        if blank:
            found = blank[0].metrics.get(metric.name)
            why = found.note if found and found.note else "no value"
            notes.append(f"{len(blank)} of {len(runs)} {name} runs: {why}")
    return notes
