"""What `multi_tenant` runs show: who was there with how much, what it gained, and how fairly."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.catalog.choosing import middle_ones
from benchmarks.catalog.tenancy_gain import gains
from benchmarks.figures import (
    Bar,
    Bars,
    Drawing,
    Figure,
    Gantt,
    Lane,
    Line,
    Panel,
    Stretch,
    Subject,
)

SINCE = "s since the first came"


def tenancy_figures(subjects: Sequence[Subject]) -> Sequence[Drawing]:
    """Return the figures of these runs; one run stands for each side and device."""
    told = [subject for subject in subjects if subject.details.get("tenants")]
    chosen = middle_ones(told, "mean_fps")
    return (
        *(_gantt(subject) for subject in chosen),
        *gains(told),
        *_fairness(chosen),
        *_memory(chosen),
        *_concurrency(chosen),
    )


def _gantt(subject: Subject) -> Gantt:
    tenants: Sequence[Mapping[str, Any]] = subject.details["tenants"]
    first_s = _first_s(subject)
    about = (
        "A block is a stay: as high as the tenant's share of the time, and the darker the larger "
        "its variant."
    )
    lanes = tuple(
        Lane(tenant["name"], at, tuple(_stretch(stay, tenant, first_s) for stay in tenant["stays"]))
        for at, tenant in enumerate(tenants)
    )
    return Gantt(f"Who was there: {subject.label}", about, SINCE, lanes)


def _first_s(subject: Subject) -> float:
    """Return when the first tenant came; before that every variant was run alone [s]."""
    starts = [stay[0] for tenant in subject.details["tenants"] for stay in tenant["stays"]]
    return float(min(starts, default=0.0))


def _stretch(stay: Sequence[Any], tenant: Mapping[str, Any], first_s: float) -> Stretch:
    start_s, end_s = stay[0] - first_s, stay[1] - first_s
    variant, share = stay[2:4]
    rungs = sorted(tenant.get("accuracies_pct", {}).items(), key=lambda rung: rung[1])
    place = [name for name, _ in rungs].index(variant) if variant in dict(rungs) else 0
    tone = place / (len(rungs) - 1) if len(rungs) > 1 else 1.0
    words = f"{variant}, {share:.0%} of the time, {start_s:.1f} to {end_s:.1f} s"
    return Stretch(start_s, end_s, share, tone, words)


def _fairness(subjects: Sequence[Subject]) -> Sequence[Bars]:
    bars = tuple(
        Bar(subject.label, subject.side, (fair,), words=_lateness(subject))
        for subject in subjects
        if (fair := subject.metrics.get("fairness")) is not None
    )
    about = (
        "Jain's index of frames per need: 1 where all are served alike, 1/n where one of n has "
        "everything."
    )
    return (Bars("Fairness", about, "1", ("fairness",), bars),) if bars else ()


def _lateness(subject: Subject) -> str:
    late = subject.metrics.get("late_fraction")
    return "" if late is None else f"{late:.1%} of the frames late"


def _memory(subjects: Sequence[Subject]) -> Sequence[Figure]:
    lines = [line for subject in subjects if (line := _resident(subject)).x]
    if not lines:
        return ()
    limits = {float(s.params["memory_mb"]) for s in subjects if "memory_mb" in s.params}
    end_s = max(line.x[-1] for line in lines)
    lines += [Line("allowed", 4, (0.0, end_s), (limit, limit)) for limit in sorted(limits)[:1]]
    about = "Weights of all that were there, beside what they may take together."
    panel = Panel("Weights", "MB", tuple(lines))
    return (Figure("Memory", about, SINCE, (panel,)),)


def _resident(subject: Subject) -> Line:
    """Return the sum of the weights of whoever was there, as steps."""
    changes: dict[float, float] = {}
    first_s = _first_s(subject)
    for tenant in subject.details["tenants"]:
        sizes = tenant.get("sizes_mb", {})
        for start_s, end_s, variant, _ in tenant["stays"]:
            size = float(sizes.get(variant, 0.0))
            for t_s, step in ((start_s - first_s, size), (end_s - first_s, -size)):
                changes[t_s] = changes.get(t_s, 0.0) + step
    xs: list[float] = []
    ys: list[float] = []
    for t_s in sorted(changes) if any(changes.values()) else ():
        before = ys[-1] if ys else 0.0
        xs += [t_s, t_s]
        ys += [before, max(0.0, before + changes[t_s])]
    return Line(subject.label, subject.side, tuple(xs), tuple(ys), subject.run)


def _concurrency(subjects: Sequence[Subject]) -> Sequence[Bars]:
    """Draw how long how many were there at once."""
    most = max((len(subject.details["tenants"]) for subject in subjects), default=0)
    if not most:
        return ()
    shares = [_at_once(subject, most) for subject in subjects]
    bars = tuple(
        Bar(subject.label, subject.side, tuple(100 * share for share in mine))
        for subject, mine in zip(subjects, shares, strict=True)
    )
    parts = tuple(f"{n} at once" for n in range(1, most + 1))
    about = (
        "How long how many tenants were there; policies that met one churn differ only by when the "
        "host looked."
    )
    return (Bars("Concurrency", about, "% of the time", parts, bars),)


def _at_once(subject: Subject, most: int) -> list[float]:
    edges: list[tuple[float, int]] = []
    for tenant in subject.details["tenants"]:
        for start_s, end_s, *_ in tenant["stays"]:
            edges += [(start_s, 1), (end_s, -1)]
    edges.sort()
    lasted, there, before_s = [0.0] * (most + 1), 0, 0.0
    for t_s, step in edges:
        lasted[max(0, min(there, most))] += t_s - before_s
        there, before_s = there + step, t_s
    whole_s = sum(lasted[1:]) or 1.0
    return [seconds / whole_s for seconds in lasted[1:]]
