"""What a comparison of `dvfs` runs shows: energy over time, and clocks inside an inference."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.analysis.deadlines import DVFS
from benchmarks.figures import Figure, Line, Panel, Subject

MOST_LINES = 6


def dvfs_figures(subjects: Sequence[Subject]) -> Sequence[Figure]:
    """Return the figures of these runs; one run stands for each label."""
    shown = list({subject.label: subject for subject in subjects if _of(subject)}.values())
    if not shown:
        return ()
    shown = shown[:MOST_LINES]
    return (_pareto(shown), _ribbon(shown), _residency(shown))


def _of(subject: Subject) -> Mapping[str, Any]:
    told: Mapping[str, Any] = subject.details.get(DVFS) or {}
    return told


def _pareto(subjects: Sequence[Subject]) -> Figure:
    """The pairs that nothing beats, and where each run ended up."""
    lines = []
    for subject in subjects:
        front = _front([(row[0], row[1]) for row in _of(subject).get("pareto") or ()])
        label = f"{subject.label}: pairs"
        x, y = tuple(ms for ms, _ in front), tuple(mj for _, mj in front)
        lines.append(Line(label, subject.side, x, y, subject.run))
        p50, energy = subject.metrics.get("p50_ms"), subject.metrics.get("energy_mj")
        if p50 is not None and energy is not None:
            ended = Line(f"{subject.label}: measured", subject.side, (p50,), (energy,), subject.run)
            lines.append(ended)
    about = (
        "Rehearsed pairs of core and memory clock that no other pair beats in both time and energy "
        "of the whole interval, and what each run measured."
    )
    panel = Panel("Energy of an interval", "mJ", tuple(lines), starts_at_zero=False)
    return Figure("Energy and latency", about, "latency of one inference [ms]", (panel,))


def _front(rows: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the points that no other beats, by time."""
    front: list[tuple[float, float]] = []
    for ms, mj in sorted(rows):
        if not front or mj < front[-1][1]:
            front.append((ms, mj))
    return front


def _ribbon(subjects: Sequence[Subject]) -> Figure:
    """The clocks that were asked for, over one inference."""
    panels = [
        Panel(title, unit, tuple(_steps(subject, column, per) for subject in subjects))
        for title, unit, column, per in (
            ("Core clock", "GHz", 2, 1e6),
            ("Memory clock, as its knob counts", "1", 3, 1.0),
        )
    ]
    about = "Median of the planned inferences that were told segment by segment."
    return Figure("Clocks inside an inference", about, "ms since its start", tuple(panels))


def _steps(subject: Subject, column: int, per: float) -> Line:
    xs: list[float] = []
    ys: list[float | None] = []
    for row in _of(subject).get("ribbon") or ():
        xs += [row[0], row[0] + row[1]]
        ys += [row[column] / per] * 2
    return Line(subject.label, subject.side, tuple(xs), tuple(ys), subject.run)


def _residency(subjects: Sequence[Subject]) -> Figure:
    """How much of the busy time each core clock had."""
    lines = []
    for subject in subjects:
        rows = (_of(subject).get("residency") or {}).get("core_clock") or ()
        x, y = tuple(row[0] / 1e6 for row in rows), tuple(100 * row[1] for row in rows)
        lines.append(Line(subject.label, subject.side, x, y, subject.run))
    about = "Of the planned inferences that were told segment by segment; a line joins clocks only."
    panel = Panel("Share of the busy time", "%", tuple(lines))
    return Figure("Residency", about, "core clock asked for [GHz]", (panel,))
