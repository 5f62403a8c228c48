"""NeuroBalancer (Bin et al. 2025): clocks per operator, so that an inference ends just in time."""

from collections.abc import Iterator
from itertools import pairwise
from statistics import fmean

from benchmarks.reproductions.dvfs_sim.regret import regret
from benchmarks.reproductions.dvfs_sim.sweep import (
    BALANCER,
    GOVERNED,
    PREDJOULE,
    RACE,
    SLACKS,
    STATIC,
    SYSSCALE,
    Cell,
    sweep,
)
from benchmarks.reproductions.neurobalancer_figures import figures_of
from benchmarks.reproductions.neurobalancer_gpu import gpu_cells, gpu_rows
from benchmarks.reproductions.neurobalancer_on_phone import on_phone, refuse
from benchmarks.reproductions.options import Options, Say
from benchmarks.reproductions.table import Report, Row, Table

PAPER = (
    "Bin, Kim, Ha, Chong, Lee: NeuroBalancer, IEEE Transactions on Mobile Computing 24(5), 2025, "
    "pp. 4339-4354"
)
NOTES = (
    "algorithm reconstructed from the abstract; the full text was not available",
    "analytic phone: two big cores with the public clock list of a Pixel 3a, six memory clocks, "
    "assumed power; devices, networks and intervals of the paper are unknown to us",
    "GPU: a virtual Pixel 3 in process, whole phone and waiting included; clocks published, power "
    "estimated",
    "the paper's numbers are its best cases; so are ours, over four networks and five slacks",
)
SEEDS = 5
INTERVALS = 250  # per network, slack and policy
LARGEST = "largest saving against the default governor, CPU"
_TIGHT = tuple(slack for slack in SLACKS if slack <= 2.0)


def reproduce(options: Options, say: Say) -> Report:
    """Run the sweep for each seed, then without the plan."""
    if options.adb:
        refuse(options.adb)
    seeds = range(options.seed, options.seed + (1 if options.fast else SEEDS))
    tables, first = [], None
    for seed in seeds:
        say(f"neurobalancer: four networks at five slacks, seed {seed}")
        cells = sweep(seed, INTERVALS)
        first = first or cells
        rows = (*_rows(cells, seed), *gpu_rows(gpu_cells(seed, say)))
        tables.append(Table("punctual laziness", rows, seed))
    say("neurobalancer: without its plan")
    idle = sweep(options.seed, INTERVALS, has_plan=False)
    tables.append(
        Table("control: the balancer without its plan", (_largest(idle),), options.seed, LARGEST)
    )
    if options.adb:
        tables.insert(-1, on_phone(options.adb, options.seed, say))
    assert first is not None
    figures = () if options.fast else figures_of(first)
    return Report("neurobalancer", PAPER, tuple(tables), NOTES, figures)


def _rows(cells: tuple[Cell, ...], seed: int) -> Iterator[Row]:
    tight = [cell for cell in cells if cell.slack <= 2.0]
    yield _largest(cells)
    yield _against_sysscale(cells)
    hits = [cell.outcomes[BALANCER].hit for cell in cells]
    yield Row("deadlines met, slack 1.1 and more", 1.0, fmean(hits), (0.99, 1.0), provenance="A",
              note="the paper: meets the requirement")  # fmt: skip
    yield Row("deadlines met, worst network and slack", None, min(hits))
    greedy = fmean(cell.outcomes[PREDJOULE].hit for cell in cells)
    yield Row("deadlines met by PredJoule-like", None, greedy, note="it keeps nothing back")
    punctual = [cell.outcomes[BALANCER].punctuality for cell in tight]
    yield Row("median punctuality, slack 1.1 to 2, lowest", None, min(punctual), (0.90, 1.0))
    yield Row("median punctuality, slack 1.1 to 2, highest", None, max(punctual), (0.90, 1.0))
    yield from _growth(cells)
    yield Row("saving against the best static pair, worst", None,
              min(cell.saving(STATIC) for cell in cells), (-0.01, 1.0))  # fmt: skip
    yield Row("saving against the best static pair, mean", None,
              fmean(cell.saving(STATIC) for cell in cells))  # fmt: skip
    yield Row("energy beyond the oracle's, mean", None,
              fmean(regret(cell, seed, INTERVALS) for cell in cells),
              note="the oracle knows every operator's time in advance")  # fmt: skip


def _largest(cells: tuple[Cell, ...]) -> Row:
    best = max(cells, key=lambda cell: cell.saving(GOVERNED))
    return Row(LARGEST, 0.439, best.saving(GOVERNED), (0.30, 0.50), provenance="A", note=_at(best))


def _against_sysscale(cells: tuple[Cell, ...]) -> Row:
    best = max(cells, key=lambda cell: cell.saving(SYSSCALE))
    hit = fmean(cell.outcomes[SYSSCALE].hit for cell in cells)
    note = (
        f"{_at(best)}; SysScale-like met {hit:.1%} of deadlines, memory high in "
        f"{fmean(cell.high_share for cell in cells):.0%} of windows"
    )
    return Row("largest saving against SysScale-like, CPU", 0.421, best.saving(SYSSCALE),
               (0.10, 0.45), provenance="A", note=note)  # fmt: skip


def _growth(cells: tuple[Cell, ...]) -> Iterator[Row]:
    """Yield how the saving against racing grows with slack: the mean network, then each."""
    mean = {
        slack: fmean(cell.saving(RACE) for cell in cells if cell.slack == slack) for slack in SLACKS
    }
    for slack in SLACKS:
        of_slack = [cell.saving(RACE) for cell in cells if cell.slack == slack]
        note = f"{min(of_slack):.1%} to {max(of_slack):.1%}"
        yield Row(f"saving against racing at slack {slack:g}, mean network", None, mean[slack],
                  note=note)  # fmt: skip
    steps = [mean[b] - mean[a] for a, b in pairwise(_TIGHT)]
    yield Row("growth of that saving up to slack 2, smallest step", None, min(steps), (-0.02, 1.0))
    yield Row("growth from slack 2 to 3", None, mean[3.0] - mean[2.0], (-1.0, 0.02),
              note="flat or falling")  # fmt: skip


def _at(cell: Cell) -> str:
    return f"{cell.network} at slack {cell.slack:g}"
