"""The comparison as one object: what the page renders is what REST answers."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from benchmarks.analysis import bootstrap
from benchmarks.analysis.comparison import MARKS, THRESHOLD, Comparison, Word, confirmed
from benchmarks.analysis.effect import Effect, Scale
from benchmarks.analysis.metrics import ANALYSIS_VERSION
from benchmarks.catalog import CATALOG
from benchmarks.comparing.contract import differing
from benchmarks.comparing.measured import Measured
from benchmarks.comparing.ranks import rankings
from benchmarks.comparing.rows import Meeting, Row, meetings, rows_of
from benchmarks.comparing.sides import Arrangement, arrange
from benchmarks.figures import Drawing

SCHEMA = "simmer.comparison/1"


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be compared, and what counts as a change."""

    by: str = ""  # section, policy, workload, device, params.NAME, label:NAME; empty: what differs
    reference: str = ""  # the side that the others are measured against; empty: the first
    threshold: float = THRESHOLD  # which change matters, as a share


def report(
    runs: Sequence[Measured],
    question: Question | None = None,
    floors: Mapping[tuple[str, str], float] | None = None,
    again: Sequence[Measured] = (),
) -> dict[str, Any]:
    """Return the comparison of these runs as JSON; `runs` come in the order they were made.

    again: as many new runs of the same, which must say the same before `worse` or `better` counts
        as confirmed.
    """
    question = question or Question()
    every, runs = runs, [run for run in runs if not run.is_imported]
    arrangement = arrange(runs, question.by, question.reference)
    met = meetings(runs, arrangement)
    rows = [row for one in met for row in rows_of(one, question.threshold, floors)]
    if again:
        rows = _confirmed(rows, arrangement, again, question)
    return {
        "schema": SCHEMA,
        "analysis": ANALYSIS_VERSION,
        "by": arrangement.by,
        "threshold": question.threshold,
        "bootstrap": {"resamples": bootstrap.RESAMPLES, "seed": bootstrap.SEED},
        "device_kinds": _values(every, "device_kind"),
        "speeds": [float(speed) for speed in _values(runs, "speed")],
        "sides": [_side(number, arrangement, runs) for number in range(len(arrangement.sides))],
        "left_out": [{"run": run.run, "because": run.why_not} for run in runs if run.why_not],
        "imported": [_imported(run) for run in every if run.is_imported],
        "not_comparable": [_conflict(one, arrangement) for one in met if one.conflicts],
        "is_confirmation": bool(again),
        "rows": [_row(row, arrangement, is_again=bool(again)) for row in rows],
        "rankings": [
            asdict(r) | {"has_changed": r.has_changed, "minutes_apart": r.minutes_apart}
            for r in rankings(runs, arrangement)
        ],
        "provenance": _provenance(runs),
        "figures": [figure.as_dict() for figure in _figures(runs, arrangement)],
    }


def _side(number: int, arrangement: Arrangement, runs: Sequence[Measured]) -> dict[str, Any]:
    mine = [run for run in runs if arrangement.side_of[run.run] == number]
    return {
        "name": arrangement.sides[number],
        "is_reference": number == 0,
        "runs": [run.run for run in mine],
        "usable": sum(not run.why_not for run in mine),
        "devices": list(dict.fromkeys(run.device for run in mine)),
    }


def _imported(run: Measured) -> dict[str, Any]:
    """Return what stands beside the comparison and takes no part in it."""
    metrics = [metric.as_dict() for metric in run.metrics.values() if metric.value is not None]
    return {"run": run.run, "device": run.device, "workload": run.workload, "metrics": metrics}


def _conflict(meeting: Meeting, arrangement: Arrangement) -> dict[str, Any]:
    return {
        "candidate": arrangement.sides[meeting.candidate],
        "device": meeting.stratum.device,
        "workload": meeting.stratum.workload,
        "keys": dict(meeting.conflicts),
    }


def _confirmed(
    rows: Sequence[Row], arrangement: Arrangement, again: Sequence[Measured], question: Question
) -> list[Row]:
    """Return the rows with what the second set of runs says about each."""
    second = arrange(again, arrangement.by, arrangement.sides[0])
    found = {
        (row.metric.name, second.sides[row.candidate], row.stratum): row.comparison
        for one in meetings(again, second)
        for row in rows_of(one, question.threshold)
    }
    nothing = Comparison(Word.NO_DATA, "")
    return [
        replace(
            row,
            comparison=confirmed(
                row.comparison,
                found.get(
                    (row.metric.name, arrangement.sides[row.candidate], row.stratum), nothing
                ),
            ),
        )
        for row in rows
    ]


def _row(row: Row, arrangement: Arrangement, *, is_again: bool) -> dict[str, Any]:
    found = row.comparison
    effect = found.effect
    return {
        "metric": row.metric.name,
        "unit": row.metric.unit,
        "better": row.metric.better,
        "candidate": arrangement.sides[row.candidate],
        "device": row.stratum.device,
        "workload": row.stratum.workload,
        "verdict": found.word.value,
        "mark": MARKS[found.word],
        "because": found.because,
        "confirmed": is_again and found.word in (Word.WORSE, Word.BETTER),
        "reference_value": row.reference_value,
        "candidate_value": row.candidate_value,
        "change": _change(found),
        "bootstrap": _bootstrap(found),
        "disagreement": _disagreement(found),
        "detectable": _shown(effect, found.detectable),
        "deviation": _shown(effect, found.deviation),
        "noise_floor": _shown(effect, found.floor),
        "threshold": found.threshold,
        "design": effect.design.value if effect else None,
        "test": effect.test if effect else None,
        "p": effect.p if effect else None,
        "count": effect.count if effect else 0,
        "pairs": [
            {"repeat": p.repeat, "runs": [p.reference, p.candidate], "values": list(p.values)}
            for p in row.pairs
        ],
        "values": [list(side) for side in row.values],
        "notes": list(row.notes),
    }


def _change(found: Comparison) -> dict[str, Any] | None:
    if found.effect is None:
        return None
    is_ratio = found.effect.scale is Scale.RATIO
    return {
        "is_share": is_ratio,  # of the reference; else a difference in the metric's unit
        "estimate": found.effect.change,
        "low": _shown(found.effect, found.effect.low),
        "high": _shown(found.effect, found.effect.high),
    }


def _bootstrap(found: Comparison) -> list[float | None] | None:
    if found.bootstrap is None:
        return None
    return [_shown(found.effect, value) for value in found.bootstrap]


def _disagreement(found: Comparison) -> bool:
    """Whether the two intervals disagree about zero: then the exact one decides, and says so."""
    if found.effect is None or found.bootstrap is None or math.isinf(found.effect.low):
        return False
    without = [
        not low <= 0 <= high
        for low, high in ((found.effect.low, found.effect.high), found.bootstrap)
    ]
    return without[0] != without[1]


def _shown(effect: Effect | None, value: float | None) -> float | None:
    if effect is None or value is None or not math.isfinite(value):
        return None
    shown = effect.shown(value)
    return shown if math.isfinite(shown) else None


def _values(runs: Sequence[Measured], key: str) -> list[str]:
    return sorted({run.contract[key] for run in runs if key in run.contract})


def _provenance(runs: Sequence[Measured]) -> dict[str, Any]:
    apart = differing(run.contract for run in runs)
    first = runs[0].contract if runs else {}
    return {
        "same": {key: value for key, value in first.items() if key not in apart},
        "differing": {
            key: {v: [run.run for run in runs if run.contract.get(key, "–") == v] for v in values}
            for key, values in apart.items()
        },
    }


def _figures(runs: Sequence[Measured], arrangement: Arrangement) -> list[Drawing]:
    """Return what each kind among the runs draws of them."""
    found: list[Drawing] = []
    for name, kind in CATALOG.items():
        mine = [r for r in runs if r.contract.get("benchmark") == name and not r.why_not]
        subjects = [
            run.as_subject(arrangement.side_of[run.run], arrangement.label_of(run.run))
            for run in mine
        ]
        found += kind.figures(subjects) if subjects else ()
    return found
