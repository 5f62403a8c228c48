"""What `dvfs` runs show: energy over time, savings, and clocks inside an inference."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.analysis.deadlines import DVFS
from benchmarks.catalog.choosing import middle_ones
from benchmarks.catalog.distribution import distribution
from benchmarks.catalog.dvfs_savings import over_the_oracle, savings
from benchmarks.figures import (
    Cell,
    Drawing,
    Figure,
    HeatMap,
    Line,
    Panel,
    Subject,
    Violins,
)
from benchmarks.policies.dvfs.oracle import MEASURED

MOST_LINES = 6
PAIRS = 4  # the color of what is no side


def dvfs_figures(subjects: Sequence[Subject]) -> Sequence[Drawing]:
    """Return the figures of these runs; one run stands for each label."""
    told = [subject for subject in subjects if _of(subject)]
    if not told:
        return ()
    shown = middle_ones(told, "energy_mj")[:MOST_LINES]
    planned = [subject for subject in shown if _of(subject).get("ribbon")]
    return (
        *savings(told),
        *over_the_oracle(told),
        _pareto(shown),
        *((_ribbon(planned), _residency(planned)) if planned else ()),
        *_map(_finest([one for one in shown if one.device == shown[0].device])),
        *_punctuality(shown),
    )


def _of(subject: Subject) -> Mapping[str, Any]:
    told: Mapping[str, Any] = subject.details.get(DVFS) or {}
    return told


def _pareto(subjects: Sequence[Subject]) -> Figure:
    """The pairs that nothing beats, what was possible, and where each run ended up."""
    lines: list[Line] = []
    devices = list(dict.fromkeys(subject.device for subject in subjects))
    for device in devices:
        here = [subject for subject in subjects if subject.device == device]
        lines += _rehearsed(_finest(here), f" of {device}" if len(devices) > 1 else "")
        for subject in here:
            p50, energy = subject.metrics.get("p50_ms"), subject.metrics.get("energy_mj")
            if p50 is not None and energy is not None:
                lines.append(Line(subject.label, subject.side, (p50,), (energy,), subject.run))
    about = (
        "Every rehearsed pair of core and memory clock, joined where no other beats it in both "
        "time and energy of the whole interval; large: what each run measured, and the cheapest "
        f"plan in time that the rehearsal allows, which is {MEASURED}."
    )
    panel = Panel("Energy of an interval", "mJ", tuple(lines), starts_at_zero=False)
    return Figure("Energy and latency", about, "latency of one inference [ms]", (panel,))


def _finest(subjects: Sequence[Subject]) -> Subject:
    """Return the run whose rehearsal measured the most pairs: one tells those of a device."""
    return max(subjects, key=lambda subject: len(_of(subject).get("pareto") or ()))


def _rehearsed(subject: Subject, place: str) -> Iterator[Line]:
    """Yield the pairs of one rehearsal, their front, and the oracle's bound."""
    rows = [(row[0], row[1]) for row in _of(subject).get("pareto") or ()]
    bound = _of(subject).get("oracle") or {}
    possible = [(bound["busy_ms"], bound["energy_mj"])] if bound.get("energy_mj") else []
    for label, points, is_cloud in (
        (f"all pairs{place}", rows, True),
        (f"beaten by none{place}", _front(rows), False),
        (f"the oracle's bound{place}", possible, False),
    ):
        if points:
            x, y = tuple(ms for ms, _ in points), tuple(mj for _, mj in points)
            yield Line(label, PAIRS, x, y, subject.run, is_cloud=is_cloud)


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
            ("Clock of cores or GPU", "GHz", 2, 1e6),
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
    return Figure("Residency", about, "clock of cores or GPU asked for [GHz]", (panel,))


def _map(subject: Subject) -> Sequence[HeatMap]:
    """The energy of the interval at every pair of clocks that was rehearsed."""
    rows = [row for row in _of(subject).get("pareto") or () if len(row) >= 4]
    cores, memories = sorted({row[2] for row in rows}), sorted({row[3] for row in rows})
    if len(cores) < 2 or len(memories) < 2:
        return ()
    period_ms = float(_of(subject).get("period_ms") or 0.0)
    cells = tuple(
        Cell(
            cores.index(core),
            memories.index(memory),
            mj,
            f"{mj:.3g} mJ",
            f"{ms:.3g} ms" + (", too late" if ms > period_ms > 0 else ""),
        )
        for ms, mj, core, memory, *_ in rows
    )
    about = (
        f"Energy of a whole interval of {period_ms:.4g} ms, waiting included, as the rehearsal of "
        f"{subject.label} told it; below it the time of one inference."
    )
    return (
        HeatMap(
            "Energy at every pair of clocks",
            about,
            "clock of cores or GPU [GHz]",
            "memory clock, as its knob counts",
            tuple(f"{core / 1e6:.2f}" for core in cores),
            tuple(f"{memory:.0f}" for memory in memories),
            cells,
        ),
    )


def _punctuality(subjects: Sequence[Subject]) -> Sequence[Violins]:
    """How far from its deadline each inference ended."""
    return distribution(
        subjects,
        lambda subject: _of(subject).get("punctuality_quantiles"),
        "Punctuality",
        "The end of each inference over its deadline: just below 1 is lazy and in time.",
        "× the deadline",
    )
