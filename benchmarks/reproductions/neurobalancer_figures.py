"""What the reproduction of NeuroBalancer draws: savings by slack, the Pareto front, the ribbon."""

from collections.abc import Iterable

import numpy as np

from benchmarks.policies.dvfs.profile_table import interval_energy_j
from benchmarks.policies.dvfs.schedule import Schedule
from benchmarks.reproductions.dvfs_sim.sweep import (
    ACTUATION,
    BALANCER,
    GOVERNED,
    PREDJOULE,
    RACE,
    SLACKS,
    STATIC,
    SYSSCALE,
    Cell,
)
from benchmarks.reproductions.svg import COLORS, Axis, Plot
from benchmarks.reproductions.table import Figure

_SHOWN = "vgg16"  # the network whose operators differ most
_SLACK = 1.5
_RIVALS = (GOVERNED, RACE, SYSSCALE, PREDJOULE, STATIC)


def figures_of(cells: tuple[Cell, ...]) -> tuple[Figure, ...]:
    """Return the figures of one seed's sweep."""
    shown = next(c for c in cells if c.network == _SHOWN and c.slack == _SLACK)
    return (_savings(cells), _pareto(shown), _ribbon(shown))


def _savings(cells: Iterable[Cell]) -> Figure:
    """Bars of the mean network's saving against each rival, by slack."""
    rows = tuple(cells)
    slacks = tuple(f"{slack:g}" for slack in SLACKS)
    plot = Plot(Axis(0, len(SLACKS), "slack", slacks), Axis(-10, 50, "saved [%]"))
    width = 0.8 / len(_RIVALS)
    for number, rival in enumerate(_RIVALS):
        plot.name(rival, COLORS[number])
        for place, slack in enumerate(SLACKS):
            saved = [100 * cell.saving(rival) for cell in rows if cell.slack == slack]
            left = place + 0.1 + number * width
            title = f"against {rival} at slack {slack:g}: {np.mean(saved):.1f} %"
            plot.bar(left, left + width * 0.9, 0, float(np.mean(saved)), COLORS[number], title)
    return Figure(
        "Energy saved by slack",
        "Energy of whole intervals, waiting included; mean of four networks, against each rival. "
        "PredJoule-like keeps nothing back and misses deadlines: a bar below zero says that it is "
        "cheaper, because it is late.",
        plot.svg(),
    )


def _pareto(cell: Cell) -> Figure:
    """Every static pair, and where the policies ended."""
    table = cell.table
    interval_s = table.race_s * cell.slack
    times_s = table.time_s.sum(axis=0)
    joules = [
        interval_energy_j(float(energy), float(time_s), interval_s, table.idle_w)
        for energy, time_s in zip(table.energy_j.sum(axis=0), times_s, strict=True)
    ]
    high = float(np.quantile(joules, 0.9))
    plot = Plot(
        Axis(0.5, 1.5, "end of the inference over its deadline"),
        Axis(0.0, 1.1, "energy of the interval over racing"),
    )
    race_j = cell.outcomes[RACE].mean_j
    for point, (time_s, joule) in enumerate(zip(times_s, joules, strict=True)):
        share = float(time_s) / interval_s
        if 0.5 <= share <= 1.5 and joule <= max(high, race_j):
            core, memory = table.khz(point)
            title = f"{core / 1e6:.2f} GHz, memory {memory / 1e6:.1f} GB/s"
            plot.dot(share, joule / race_j, "var(--soft)", 2.5, title)
    for number, policy in enumerate((BALANCER, STATIC, GOVERNED, RACE)):
        outcome = cell.outcomes[policy]
        plot.name(policy, COLORS[number])
        plot.dot(outcome.punctuality, outcome.mean_j / race_j, COLORS[number], 6.0, policy)
    plot.line([1.0, 1.0], [0.0, 1.1], "var(--bad)", "4 4")
    return Figure(
        "Energy and latency of all pairs of clocks",
        f"{cell.network} at slack {cell.slack:g}: gray is one pair for the whole network, dashed "
        "the deadline.",
        plot.svg(),
    )


def _ribbon(cell: Cell) -> Figure:
    """The clocks of each operator over the time of one planned inference."""
    table = cell.table
    interval_s = table.race_s * cell.slack
    schedule = Schedule(table, interval_s, ACTUATION, margin=0.05)
    ends = [*schedule.planned_s[1:]]
    plot = Plot(
        Axis(0.0, 1.0, "time over the interval"), Axis(0.0, 1.0, "clock over its top"), height=240
    )
    for start, end, point in zip(schedule.planned_s, ends, schedule.plan.points, strict=False):
        core, memory = table.khz(point)
        begins, ends_at = float(start) / interval_s, float(end) / interval_s
        title = f"{core / 1e6:.2f} GHz, memory {memory / 1e6:.1f} GB/s"
        plot.bar(begins, ends_at, 0, core / table.core_khz[-1], COLORS[0], title)
        share = memory / table.memory_khz[-1]
        plot.line([begins, ends_at], [share, share], COLORS[1])
    plot.name("cores", COLORS[0])
    plot.name("memory", COLORS[1])
    plot.line([1.0, 1.0], [0.0, 1.0], "var(--bad)", "4 4")
    return Figure(
        "Clocks per segment",
        f"One planned inference of {cell.network} at slack {cell.slack:g}: heavy convolutions run "
        "the cores, the fully connected layers run the memory.",
        plot.svg(),
    )
